import { chooseEngine } from "./index";

/** Says, before all suites, on which engine they run; fails at once if `ENGINE` asks for one that isn't there. */
export default async function announce(): Promise<void> {
  const why = process.env["ENGINE"] ? "as ENGINE says" : "by what is on the PATH";
  process.stderr.write(`\nengine: ${await chooseEngine()}, ${why}\n`);
}
