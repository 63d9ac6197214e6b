import { chooseEngine } from "./index";
import { pulumiVersion } from "./pulumi";
import { shareKey } from "./standIn/secrets";

/** Runs before all suites: prints which engine they run on, and fails if `ENGINE` asks for one that this machine does not have. */
export default async function announce(): Promise<void> {
  const engine = await chooseEngine();
  const version = engine === "pulumi" ? ` ${await pulumiVersion()}` : "";
  shareKey();
  process.stderr.write(`\nengine: ${engine}${version}${process.env["ENGINE"] ? ", as ENGINE asks" : ""}\n`);
}
