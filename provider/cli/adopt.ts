import { createWriteStream, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { Choice } from "../drift/findingFilter";
import type { Stack } from "../drift/state/declarations";
import { findUnmanaged } from "../drift/findUnmanaged";
import type { Unmanaged } from "../drift/findUnmanaged";
import { ResourceError } from "../errors";
import { writeProgram } from "../codegen";
import type { Program } from "../codegen";
import { printable } from "../text";
import { fail } from "./failure";
import { print } from "./output";
import { withProgress } from "./progress";
import type { StackOptions } from "./openStacks";
import { addStackOptions, collect, openEnvironment, openStacks } from "./openStacks";

interface AdoptOptions extends StackOptions {
  only: string[];
  ignore: string[];
  credentials?: true;
  protect: boolean;
  out?: string;
}

/** `pulumi-keycard adopt`: writes a program, and changes nothing. */
export function addAdoptCommand(program: Command): void {
  addStackOptions(program.command("adopt"))
    .description(
      "write a Pulumi program that takes over the accounts that no stack manages; nothing is changed",
    )
    .option("--only <name>", "take over what has this name or ID only; * stands for any text", collect, [])
    .option("--ignore <name>", "do not take over what has this name or ID", collect, [])
    .option("--credentials", "write a comment for each credential, to be completed with its secret")
    .option("--no-protect", "let Pulumi delete what is taken over, once it is removed from the program")
    .option("--out <file>", "write to this file, which may not exist yet, in place of standard output")
    .addHelpText(
      "after",
      "\nWithout --state and --stack, every account of the organization is unmanaged, and the environment says how to sign in" +
        "\n(KEYCARD_CLIENT_ID, KEYCARD_CLIENT_SECRET, KEYCARD_ORGANIZATION_ID, KEYCARD_ENDPOINT), not `pulumi config`." +
        "\n--state, --stack, --organization, --only and --ignore can be given again and again.",
    )
    .action(adopt);
}

async function adopt(options: AdoptOptions): Promise<void> {
  try {
    const { out } = options;
    if (out !== undefined && existsSync(out)) throw exists(out);
    const stacks = isCompared(options) ? await openStacks(options) : [openEnvironment()];
    const unmanaged = await withProgress((onProgress) =>
      findUnmanaged(stacks, {
        organizations: options.organization,
        choice: new Choice(options, []),
        credentials: options.credentials ?? false,
        onProgress,
      }),
    );
    const program = await writeProgram(placed(unmanaged, stacks), {
      protect: options.protect,
      taken: unmanaged.logicalNames,
    });
    if (program.count > 0) await (out === undefined ? print(program.text) : save(program, out));
    process.stderr.write(told(unmanaged, program, options));
  } catch (error) {
    fail(error);
  }
}

function isCompared({ state, stack }: StackOptions): boolean {
  return state.length + stack.length > 0;
}

/** Says of each account where it is, unless it is where the stack looks by itself. */
function placed({ accounts }: Unmanaged, [stack]: readonly Stack[]) {
  return accounts.map(({ organization: { id }, ...account }) => ({
    ...account,
    organizationId: id === stack?.organizationId ? undefined : id,
  }));
}

async function save({ text }: Program, file: string): Promise<void> {
  try {
    await pipeline(Readable.from(text), createWriteStream(file, { flags: "wx" }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw exists(file);
    await rm(file, { force: true });
    throw new ResourceError(`${printable(file)} cannot be written: ${message}`, { cause: error });
  }
}

function exists(file: string): ResourceError {
  return new ResourceError(
    `${printable(file)} exists already, and is left as it is: give --out another name.`,
  );
}

/** What was done, and what comes next. */
function told(
  { interrupted, organizations }: Unmanaged,
  { count, leftOut }: Program,
  options: AdoptOptions,
): string {
  const where = organizations.map((id) => `"${printable(id)}"`).join(" and ");
  const done =
    count === 0
      ? [`Nothing in ${where} to take over.`]
      : [
          `Wrote ${count} ${count === 1 ? "account" : "accounts"} of ${where}${options.out === undefined ? "" : ` to ${printable(options.out)}`}.`,
          "Next, in a Pulumi project that has pulumi-keycard installed, make it the program, or import it there: `pulumi up` takes over what is written (a preview says `create`), and changes nothing at Keycard.",
        ];
  const blind = isCompared(options)
    ? []
    : ["No stack was compared: to leave out what one manages already, give --stack NAME or --state FILE."];
  return [
    ...done,
    ...blind,
    ...leftOut.map(({ account, reason }) => `Left out: ${nameOf(account)}: ${reason}.`),
    ...interrupted.map(
      (account) =>
        `Left out: ${nameOf(account)}: an interrupted update may have made it; \`pulumi-keycard drift\` tells what to do.`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function nameOf({ id, name }: { id: string; name: string }): string {
  return `"${printable(name)}" (${id})`;
}
