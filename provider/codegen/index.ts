/** From accounts at Keycard to the Pulumi program that takes them over. */
import type { ServiceAccount, ServiceAccountCredential } from "../../sdk";
import { accountRules, checkInputs } from "../inputs";
import { Names } from "./names";
import type { Named } from "./names";
import { inline, Layout, quoted } from "./layout";
import type { Property } from "./layout";

/** An account to take over, with the credentials that the program is to tell of. */
export interface Account extends Pick<ServiceAccount, "id" | "name" | "description" | "created_at"> {
  /** The organization's ID or label, where the program is to name it: where it is not the stack's own. */
  readonly organizationId?: string | undefined;
  readonly credentials?: readonly Credential[];
}

export type Credential = Pick<ServiceAccountCredential, "id" | "name" | "description" | "created_at">;

export interface ProgramOptions {
  /** Whether Pulumi is to refuse to delete what it takes over. */
  protect: boolean;
  /** Logical names of accounts that the stack has already. */
  taken?: Iterable<string>;
}

/** An account that cannot be declared, and why: the resource would refuse it, or Pulumi would make something else of it. */
export interface LeftOut {
  account: Account;
  reason: string;
}

/** A program, and what is not in it. */
export interface Program {
  /** How many accounts it declares. */
  count: number;
  leftOut: LeftOut[];
  /** The text, a declaration at a time; formatted as Prettier does by default. */
  text: Iterable<string>;
}

/**
 * Writes a program in TypeScript that takes over these accounts, each by its ID. The first `up` of it changes nothing at Keycard, and the
 * next preview is empty. The same accounts give the same text, in whatever order they come; what was made later comes later.
 *
 * A credential can only be taken over with its secret, which Keycard does not tell: the program has a comment for each, to be completed.
 */
export async function writeProgram(accounts: readonly Account[], options: ProgramOptions): Promise<Program> {
  const [layout, names] = await Promise.all([Layout.load(), Names.load()]);
  const leftOut: LeftOut[] = [];
  const declared = inOrder(accounts).filter((account) => {
    const reason = refusal(account);
    if (reason !== undefined) leftOut.push({ account, reason });
    return reason === undefined;
  });
  const named = names.give(declared, ({ name }) => name, options.taken);
  function* text(): Generator<string> {
    yield* declarations(named, layout, options);
    yield* comments(named, names);
  }
  return { count: declared.length, leftOut, text: { [Symbol.iterator]: text } };
}

/** In the order in which they were made. */
export function inOrder<Thing extends Pick<Account, "id" | "created_at">>(things: readonly Thing[]): Thing[] {
  return [...things].sort(
    (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || (a.id < b.id ? -1 : 1),
  );
}

/** Why an account or a credential cannot be declared; `undefined` where it can be. */
export function refusal({ id, name, description }: Omit<Credential, "created_at">): string | undefined {
  const inputs = { name, description, adopt: id };
  const { failures } = checkInputs(accountRules, inputs, id);
  const broken = Object.entries(inputs).filter(([, text]) => /\p{Surrogate}/u.test(text ?? ""));
  return [
    ...failures,
    ...broken.map(([input]) => `${input} is no valid Unicode, which Pulumi cannot keep`),
  ][0];
}

function* declarations(
  accounts: Named<Account>[],
  layout: Layout,
  { protect }: ProgramOptions,
): Generator<string> {
  yield 'import * as keycard from "pulumi-keycard";\n\n';
  yield "// These accounts existed before this program. The first `pulumi up` takes them\n";
  yield "// over and changes nothing at Keycard; once it has, `adopt` may go.\n";
  if (protect) yield "// Pulumi deletes none that has `protect`.\n";
  const options: Property[][] = protect ? [[["protect", "true"]]] : [];
  for (const { thing, identifier, logicalName } of accounts) {
    const objects = [argumentsFor(thing, logicalName, thing.organizationId), ...options];
    yield `\n${layout.declaration(identifier, "keycard.ServiceAccount", quoted(logicalName), objects)}\n`;
  }
}

/** What has to be said so that nothing changes; the resource's own name is the default of `name`. */
function argumentsFor(
  { id, name, description }: Account | Credential,
  logicalName: string,
  organizationId: string | undefined,
): Property[] {
  return [
    ...(name === logicalName ? [] : [["name", quoted(name)] satisfies Property]),
    ...(description ? [["description", quoted(description)] satisfies Property] : []),
    ...(organizationId === undefined ? [] : [["organizationId", quoted(organizationId)] satisfies Property]),
    ["adopt", quoted(id)],
  ];
}

/** A line for each credential. Nothing in a literal ends the line, and with it the comment. */
function* comments(accounts: Named<Account>[], names: Names): Generator<string> {
  const all = accounts.flatMap((account) =>
    inOrder(account.thing.credentials ?? []).map((credential) => ({ account, credential })),
  );
  if (all.length === 0) return;
  yield "\n// Their credentials. Keycard does not tell a secret again: to manage one of them,\n";
  yield "// uncomment it and these two lines, and give the secret that it requires:\n";
  yield "// `pulumi config set --secret <name>`.\n";
  yield '// import * as pulumi from "@pulumi/pulumi";\n';
  yield "// const config = new pulumi.Config();\n";
  const named = names.give(all, ({ account, credential }) => `${account.logicalName}-${credential.name}`);
  for (const { thing, identifier, logicalName } of named) {
    const { account, credential } = thing;
    const args = inline([
      ["serviceAccountId", `${account.identifier}.id`],
      ...argumentsFor(credential, logicalName, account.thing.organizationId),
      ["clientSecret", `config.requireSecret(${quoted(identifier)})`],
    ]);
    yield `// new keycard.ServiceAccountCredential(${quoted(logicalName)}, ${args});\n`;
  }
}
