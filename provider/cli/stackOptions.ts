import { ResourceError } from "../errors";
import { escapeInvisible } from "../text";
import { InvalidArgumentError, Option } from "../thirdParty";
import type { Command } from "../thirdParty";
import { fail } from "./failure";

export interface StackOptions {
  /** Files with the output of `pulumi stack export`; `-` is standard input. */
  state: string[];
  /** Names of stacks, as the command `pulumi` takes them. */
  stack: string[];
  /** IDs or labels of organizations to read, in addition to those that the stacks name. */
  organization: string[];
}

/** Creates an option that can be repeated. Its value is an array. */
export function repeatable(flags: string, description: string, parse = collect): Option {
  return new Option(flags, description).argParser(parse).default([], "none");
}

/** Adds a value to the earlier values of a repeatable option. */
export function collect(value: string, earlier: string[]): string[] {
  if (value === "") throw new InvalidArgumentError("The value is empty. Is a variable unset?");
  return [...earlier, value];
}

function changeFolder(folder: string | undefined): void {
  if (folder === undefined) return;
  try {
    process.chdir(folder);
  } catch (error) {
    fail(
      new ResourceError(
        `Cannot change to the folder ${escapeInvisible(folder)}: ${(error as Error).message}`,
      ),
    );
    process.exit();
  }
}

/** Adds the options that select stacks and organizations. */
export function addStackOptions(command: Command): Command {
  return command
    .option("-C, --cwd <folder>", "run as if started in this folder")
    .hook("preAction", (started) => changeFolder(started.opts<{ cwd?: string }>().cwd))
    .addOption(
      repeatable("--state <file>", "a state written by `pulumi stack export`; - reads standard input"),
    )
    .addOption(repeatable("--stack <name>", "a stack of the Pulumi project in this folder"))
    .addOption(
      repeatable(
        "--organization <id>",
        "an organization to read, in place of the configured one; those of the stacks' resources are always read",
      ),
    );
}
