import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { version } from "../../sdk/internal";
import type { Command } from "../thirdParty";
import { fail } from "./failure";
import { PulumiError } from "./pulumi";

/** The folder of the native provider in the package: the executable, and what starts it on Windows. */
const FOLDER = join(__dirname, "../../plugin");

/** Adds the command that installs the native provider. */
export function addPluginCommand(commands: Command): void {
  const plugin = commands
    .command("plugin")
    .description("install the native provider, for programs that import pulumi-keycard/native");
  plugin
    .command("install")
    .description(
      `install the native provider "keycard" ${version} from this package into Pulumi's plugin directory`,
    )
    .addHelpText(
      "after",
      "\nThe command downloads nothing. Run it on each machine, and again after each upgrade of the package. It exits with the exit code of `pulumi plugin install`.",
    )
    .action(() => install().catch(fail));
}

async function install(): Promise<void> {
  const args = ["plugin", "install", "resource", "keycard", version, "--file", FOLDER, "--reinstall"];
  const child = spawn("pulumi", args, { stdio: "inherit" });
  const [code] = (await once(child, "close").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new PulumiError(
      "The command `pulumi` is not on the PATH. Install it: https://www.pulumi.com/docs/install.",
    );
  })) as [number | null];
  process.exitCode = code ?? 1;
}
