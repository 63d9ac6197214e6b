import { InvalidArgumentError } from "commander";
import type { Command } from "commander";

export interface StackOptions {
  /** Files with the output of `pulumi stack export`; `-` is standard input. */
  state: string[];
  /** Names of stacks, as the command `pulumi` takes them. */
  stack: string[];
  /** IDs or labels of organizations to read, in addition to those that the stacks name. */
  organization: string[];
}

/** Collects the values of a repeatable option. */
export function collect(value: string, earlier: string[]): string[] {
  if (value === "") throw new InvalidArgumentError("The value is empty. Is a variable unset?");
  return [...earlier, value];
}

/** Adds the options that select stacks and organizations. */
export function addStackOptions(command: Command): Command {
  return command
    .option("--state <file>", "a state written by `pulumi stack export`; - reads standard input", collect, [])
    .option("--stack <name>", "a stack of the Pulumi project in this folder", collect, [])
    .option(
      "--organization <id>",
      "an organization to read, in addition to those that the stacks name",
      collect,
      [],
    );
}
