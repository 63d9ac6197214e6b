import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { version } from "../../sdk/internal";

/**
 * Warns if this version of the native provider is neither in Pulumi's plugin directory nor on the PATH: Pulumi's own error suggests a
 * download, which fails. This is no error, because the project's file may name yet another place.
 */
export function warnIfNotInstalled(): void {
  // Outside of `pulumi up`, such as in unit tests, no plugin is needed.
  if (!pulumi.runtime.hasEngine() || isInstalled()) return;
  void pulumi.log.warn(
    `The native provider keycard ${version} is not installed. If Pulumi cannot find it, run: npx pulumi-keycard plugin install`,
  );
}

function isInstalled(): boolean {
  const home = process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  if (existsSync(join(home, "plugins", `resource-keycard-v${version}`))) return true;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => existsSync(join(folder, "pulumi-resource-keycard")));
}
