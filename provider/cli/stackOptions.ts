import { InvalidArgumentError, Option } from "../thirdParty";
import type { Command } from "../thirdParty";

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

/** Adds the options that select stacks and organizations. */
export function addStackOptions(command: Command): Command {
  return command
    .addOption(
      repeatable("--state <file>", "a state written by `pulumi stack export`; - reads standard input"),
    )
    .addOption(repeatable("--stack <name>", "a stack of the Pulumi project in this folder"))
    .addOption(
      repeatable("--organization <id>", "an organization to read, in addition to those that the stacks name"),
    );
}
