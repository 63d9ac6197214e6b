import { findDrift, KINDS } from "../../drift";
import type { Drift } from "../../drift";
import { EXIT, fail } from "../failure";
import { openStacks } from "../openStacks";
import { print } from "../output";
import { withProgress } from "../progress";
import { addStackOptions, collect, repeatable } from "../stackOptions";
import { distance, InvalidArgumentError, ms, Option } from "../../thirdParty";
import type { Command } from "../../thirdParty";
import type { StackOptions } from "../stackOptions";
import { formatJson } from "./formatJson";
import { formatMarkdown } from "./formatMarkdown";
import { formatText } from "./formatText";

interface DriftCommandOptions extends StackOptions {
  stale?: number;
  only: string[];
  ignore: string[];
  format: keyof typeof FORMATS;
}

const FORMATS = {
  text: (drift: Drift) => formatText(drift, isColored()),
  json: formatJson,
  markdown: formatMarkdown,
};

/** Adds the command `pulumi-keycard drift`, which reports drift and changes nothing. */
export function addDriftCommand(commands: Command): void {
  addStackOptions(commands.command("drift"))
    .description("compare stacks with Keycard and report the differences, without changing anything")
    .option("--stale <time>", "also report credentials unused for this long, such as 90d", duration)
    .addOption(
      repeatable(
        "--only <what>",
        "report only this kind or name; * matches any text, ? any one character",
        kindOrName,
      ),
    )
    .addOption(
      repeatable(
        "--ignore <what>",
        "do not report this kind or name; * matches any text, ? any one character",
        kindOrName,
      ),
    )
    .addOption(
      new Option("--format <format>", "text for people, json for programs, markdown for pull requests")
        .choices(Object.keys(FORMATS))
        .default("text"),
    )
    .addHelpText(
      "after",
      `\nKinds: ${KINDS.join(", ")}.` +
        "\nWithout --state and --stack, the command compares the current stack." +
        "\n--state, --stack, --organization, --only and --ignore can be repeated." +
        "\nExit codes: 0 no drift; 7 drift; 1 error; 2 invalid option, state, setting or organization;" +
        "\n3 sign-in failed or a permission is missing.",
    )
    .action(reportDrift);
}

async function reportDrift(options: DriftCommandOptions): Promise<void> {
  try {
    const stacks = await openStacks(options);
    const drift = await withProgress((onProgress) =>
      findDrift(stacks, {
        organizations: options.organization,
        staleAfter: options.stale,
        filter: { only: options.only, ignore: options.ignore },
        onProgress,
      }),
    );
    await print([FORMATS[options.format](drift)]);
    process.exitCode = drift.findings.length > 0 ? EXIT.drift : EXIT.success;
  } catch (error) {
    // Without any option, the current stack is compared.
    fail(error, options.stack.length > 0 || options.state.length === 0);
  }
}

/** Colors are for terminals, unless one of the two usual variables overrides that. */
function isColored(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return process.stdout.isTTY && TERM !== "dumb";
}

function duration(text: string): number {
  if (/^[1-9]\d{0,4}[hdwy]$/.test(text)) return ms(text as ms.StringValue);
  throw new InvalidArgumentError(
    "It must be a whole number followed by h, d, w or y (hours, days, weeks, years), such as 90d.",
  );
}

/** Collects a kind, both unmanaged kinds, or a name. A misspelt kind is an error: as a name it would match nothing. */
function kindOrName(text: string, earlier: string[]): string[] {
  if (text === "unmanaged-*") return [...earlier, ...KINDS.filter((kind) => kind.startsWith("unmanaged-"))];
  const meant = KINDS.find((kind) => kind !== text && distance(kind, text) <= 2);
  if (text !== "" && meant !== undefined)
    throw new InvalidArgumentError(
      `Did you mean ${meant}? The kinds are ${KINDS.join(", ")}. To filter by a name that looks like a kind, replace one of its characters with ?.`,
    );
  return collect(text, earlier);
}
