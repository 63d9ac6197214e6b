import { chooseEngine } from "./index";
import { pulumiVersion } from "./pulumi";

/** Prints, before all suites, which engine they run on. Fails at once if `ENGINE` asks for an engine that this machine does not have. */
export default async function announce(): Promise<void> {
  const engine = await chooseEngine();
  const version = engine === "pulumi" ? ` ${await pulumiVersion()}` : "";
  process.stderr.write(`\nengine: ${engine}${version}${process.env["ENGINE"] ? ", as ENGINE asks" : ""}\n`);
}
