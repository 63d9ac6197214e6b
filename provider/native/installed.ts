import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { version } from "../../sdk/internal";

/**
 * Warns if Pulumi's folder of plugins lacks this version of the native provider: Pulumi's own error suggests a download, which fails.
 * This is no error, because Pulumi finds plugins in other places, too, such as the PATH.
 */
export function warnIfNotInstalled(): void {
  // Outside of `pulumi up`, such as in unit tests, no plugin is needed.
  if (!pulumi.runtime.hasEngine()) return;
  const home = process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  if (existsSync(join(home, "plugins", `resource-keycard-v${version}`))) return;
  void pulumi.log.warn(
    `The native provider keycard ${version} is not installed. If Pulumi cannot find it, run: npx pulumi-keycard plugin install`,
  );
}
