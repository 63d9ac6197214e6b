import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { distance } from "fastest-levenshtein";
import ms from "ms";
import { findDrift } from "../../drift/findDrift";
import { Choice } from "../../drift/findingFilter";
import { KINDS } from "../../drift/report/finding";
import type { Drift } from "../../drift/report/finding";
import { EXIT, fail } from "../failure";
import { print } from "../output";
import { withProgress } from "../progress";
import type { StackOptions } from "../openStacks";
import { addStackOptions, collect, openStacks } from "../openStacks";
import { asJson } from "./formatJson";
import { asMarkdown } from "./formatMarkdown";
import { asText } from "./formatText";

interface DriftCommandOptions extends StackOptions {
  stale?: number;
  only: string[];
  ignore: string[];
  format: keyof typeof FORMATS;
}

const FORMATS = {
  text: (drift: Drift) => asText(drift, isColoured()),
  json: asJson,
  markdown: asMarkdown,
};

/** `pulumi-keycard drift`: compares, tells, and changes nothing. */
export function addDriftCommand(program: Command): void {
  addStackOptions(program.command("drift"))
    .description("compare stacks with what is at Keycard; nothing is changed")
    .option("--stale <time>", "tell of credentials that were not used for so long, as in 90d", duration)
    .option("--only <what>", "tell of this kind, or of this name, only; * stands for any text", chosen, [])
    .option("--ignore <what>", "do not tell of this kind, or of this name", chosen, [])
    .addOption(
      new Option("--format <format>", "for a person, a program, or a pull request")
        .choices(Object.keys(FORMATS))
        .default("text"),
    )
    .addHelpText(
      "after",
      `\nThe kinds are ${KINDS.join(", ")}.` +
        "\nWithout --state and --stack, it is about the current stack. --state, --stack, --organization, --only and --ignore can" +
        "\nbe given again and again." +
        "\nIt ends with 0 when there is nothing to tell, 7 when there is, 1 after an error, 2 when it was called wrongly or the" +
        "\nsettings are wrong, 3 when Keycard did not accept the credentials.",
    )
    .action(tellDrift);
}

async function tellDrift(options: DriftCommandOptions): Promise<void> {
  try {
    const stacks = await openStacks(options);
    const drift = await withProgress((onProgress) =>
      findDrift(stacks, {
        organizations: options.organization,
        staleAfter: options.stale,
        choice: new Choice(options),
        onProgress,
      }),
    );
    await print([FORMATS[options.format](drift)]);
    process.exitCode = drift.findings.length > 0 ? EXIT.drift : EXIT.nothing;
  } catch (error) {
    fail(error);
  }
}

/** Colours are for terminals; the two variables that everybody knows overrule that. */
function isColoured(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0";
  return process.stdout.isTTY && TERM !== "dumb";
}

function duration(text: string): number {
  if (/^[1-9]\d{0,4}[hdwy]$/.test(text)) return ms(text as ms.StringValue);
  throw new InvalidArgumentError(
    "It must be a whole number and h, d, w or y: hours, days, weeks or years. 90d, say.",
  );
}

/** A kind, or a name; what is almost a kind would be taken for a name that nothing has. */
function chosen(text: string, earlier: string[]): string[] {
  const meant = KINDS.find((kind) => kind !== text && distance(kind, text) <= 2);
  if (text !== "" && meant !== undefined)
    throw new InvalidArgumentError(
      `The kinds are ${KINDS.join(", ")}. Is it ${meant}? For a name, put ? for one of its characters.`,
    );
  return collect(text, earlier);
}
