import { createWriteStream, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "../thirdParty";
import { writeProgram } from "../codegen";
import type { Account, GeneratedProgram } from "../codegen";
import { findUnmanaged } from "../drift";
import type { Stack, Unmanaged } from "../drift";
import { ResourceError } from "../errors";
import { escapeInvisible } from "../text";
import { fail } from "./failure";
import { openEnvironment, openStacks } from "./openStacks";
import { print } from "./output";
import { withProgress } from "./progress";
import { addStackOptions, repeatable } from "./stackOptions";
import type { StackOptions } from "./stackOptions";

interface AdoptOptions extends StackOptions {
  only: string[];
  ignore: string[];
  credentials?: true;
  protect: boolean;
  out?: string;
}

/** Adds the command `pulumi-keycard adopt`, which writes a program and changes nothing at Keycard. */
export function addAdoptCommand(commands: Command): void {
  addStackOptions(commands.command("adopt"))
    .description(
      "write a Pulumi program that adopts all accounts that no stack manages, without changing anything at Keycard",
    )
    .addOption(
      repeatable(
        "--only <name>",
        "adopt only accounts with this name or ID; * matches any text, ? any one character",
      ),
    )
    .addOption(
      repeatable(
        "--ignore <name>",
        "do not adopt accounts with this name or ID; * matches any text, ? any one character",
      ),
    )
    .option("--credentials", "add a commented-out declaration for each credential")
    .option("--no-protect", "omit the option `protect`, which prevents Pulumi from deleting the accounts")
    .option("--out <file>", "write the program to a new file instead of standard output")
    .addHelpText(
      "after",
      "\nWithout --state and --stack, the command treats every account as unmanaged. Without --stack, it reads its settings from the environment variables" +
        "\nKEYCARD_CLIENT_ID, KEYCARD_CLIENT_SECRET, KEYCARD_ORGANIZATION_ID and KEYCARD_ENDPOINT, not from `pulumi config`." +
        "\n--state, --stack, --organization, --only and --ignore can be repeated.",
    )
    .action(adopt);
}

async function adopt(options: AdoptOptions): Promise<void> {
  try {
    const { out } = options;
    if (out !== undefined && existsSync(out)) throw alreadyExists(out);
    const stacks = hasStacks(options) ? await openStacks(options) : [openEnvironment()];
    const unmanaged = await withProgress((onProgress) =>
      findUnmanaged(stacks, {
        organizations: options.organization,
        filter: { only: options.only, ignore: options.ignore, kinds: [] },
        credentials: options.credentials ?? false,
        onProgress,
      }),
    );
    const program = writeProgram(toDeclare(unmanaged, stacks), {
      protect: options.protect,
      taken: unmanaged.logicalNames,
    });
    if (program.count > 0) await (out === undefined ? print(program.text) : save(program, out));
    process.stderr.write(
      summary(unmanaged, program, options)
        .map((line) => `${line}\n`)
        .join(""),
    );
  } catch (error) {
    fail(error, options.stack.length > 0);
  }
}

function hasStacks({ state, stack }: StackOptions): boolean {
  return state.length + stack.length > 0;
}

/** Names the organization of each account that is not in the stack's default organization. */
function toDeclare({ accounts }: Unmanaged, [stack]: readonly Stack[]): Account[] {
  return accounts.map(({ organization: { id }, ...account }) => ({
    ...account,
    organizationId: id === stack?.organizationId ? undefined : id,
  }));
}

async function save({ text }: GeneratedProgram, file: string): Promise<void> {
  try {
    await pipeline(Readable.from(text), createWriteStream(file, { flags: "wx" }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw alreadyExists(file);
    await rm(file, { force: true });
    throw new ResourceError(`Cannot write ${escapeInvisible(file)}: ${message}`, { cause: error });
  }
}

function alreadyExists(file: string): ResourceError {
  return new ResourceError(
    `${escapeInvisible(file)} already exists and was not changed. Pass another file name to --out.`,
  );
}

/** Returns lines that say what was done, and what to do next. */
function summary(
  { interrupted, organizations, signIn }: Unmanaged,
  { count, skipped }: GeneratedProgram,
  options: AdoptOptions,
): string[] {
  const where = organizations.map((id) => `"${escapeInvisible(id)}"`).join(" and ");
  const to = options.out === undefined ? "" : ` to ${escapeInvisible(options.out)}`;
  const written =
    count === 0
      ? [`Found no account to adopt in ${where}.`]
      : [
          `Wrote declarations of ${count} ${count === 1 ? "account" : "accounts"} of ${where}${to}.`,
          "Next: make this the program of a Pulumi project that has pulumi-keycard installed, or import it as a module in that project's program. `pulumi up` then adopts the accounts and changes nothing at Keycard. The preview shows each account as `create`, and says which existing account will be adopted.",
        ];
  return [
    ...written,
    ...(hasStacks(options)
      ? []
      : [
          "No stack was passed, so the program also declares accounts that a stack already manages. To omit those, pass --stack NAME or --state FILE.",
        ]),
    ...skipped.map(({ account, reason }) => `Skipped ${nameOf(account)}: ${reason}.`),
    ...signIn.map(
      (account) => `Skipped ${nameOf(account)}: this command signs in with one of its credentials.`,
    ),
    ...interrupted.map(
      (account) =>
        `Skipped ${nameOf(account)}: an interrupted update may have created it. \`pulumi-keycard drift\` shows what to do.`,
    ),
  ];
}

function nameOf({ id, name }: { id: string; name: string }): string {
  return `"${escapeInvisible(name)}" (${id})`;
}
