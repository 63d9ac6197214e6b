import type { ServiceAccount, ServiceAccountCredential } from "../../sdk";
import { accountRules, checkInputs } from "../resources/inputs";
import { declaration, objectLiteral, quoted } from "./layout";
import type { Property } from "./layout";
import { assignNames } from "./names";
import type { Named } from "./names";

type Credential = Pick<ServiceAccountCredential, "id" | "name" | "description" | "created_at">;

/** An account to adopt, with the credentials to mention. */
export interface Account extends Pick<ServiceAccount, "id" | "name" | "description" | "created_at"> {
  /** ID or label of the organization, if it is not the stack's default organization. */
  readonly organizationId?: string | undefined;
  readonly credentials?: readonly Credential[];
}

export interface ProgramOptions {
  /** Sets the resource option `protect`, so that Pulumi refuses to delete the accounts. */
  protect: boolean;
  /** Logical names that the stack uses already. */
  taken?: Iterable<string>;
}

export interface GeneratedProgram {
  /** Number of accounts that the program declares. */
  count: number;
  /** Accounts that no program can declare, each with the reason. */
  skipped: { account: Account; reason: string }[];
  /** The text, a declaration at a time, in Prettier's default format. */
  text: Iterable<string>;
}

/**
 * Writes a TypeScript program that adopts these accounts by ID. Its first `up` changes nothing at Keycard, and the next preview is
 * empty. The text does not depend on the order of the accounts: the oldest comes first.
 *
 * Adopting a credential requires its secret, which Keycard returns only on creation. So the program has a comment for each
 * credential, which the user completes.
 */
export function writeProgram(accounts: readonly Account[], options: ProgramOptions): GeneratedProgram {
  const checked = oldestFirst(accounts).map((account) => ({ account, reason: refusalReason(account) }));
  const skipped = checked.flatMap(({ account, reason }) => (reason === undefined ? [] : { account, reason }));
  const declared = checked.flatMap(({ account, reason }) => (reason === undefined ? account : []));
  const named = assignNames(declared, ({ name }) => name, options.taken);
  function* text(): Generator<string> {
    yield* declarations(named, options);
    yield* credentialComments(named);
  }
  return { count: declared.length, skipped, text: { [Symbol.iterator]: text } };
}

/** Sorts objects by their creation, so that a new object changes no earlier line. */
export function oldestFirst<Item extends Pick<Account, "id" | "created_at">>(items: readonly Item[]): Item[] {
  return [...items].sort(
    (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at) || (a.id < b.id ? -1 : 1),
  );
}

/** Returns why no program can declare an account or a credential, or `undefined` if one can. */
export function refusalReason({ id, name, description }: Omit<Credential, "created_at">): string | undefined {
  const inputs = { name, description, adopt: id };
  const { failures } = checkInputs(accountRules, inputs, id);
  const broken = Object.entries(inputs).find(([, text]) => /\p{Surrogate}/u.test(text ?? ""));
  return failures[0] ?? (broken && `${broken[0]} contains invalid Unicode, which Pulumi cannot store`);
}

function* declarations(accounts: Named<Account>[], { protect }: ProgramOptions): Generator<string> {
  yield 'import * as keycard from "pulumi-keycard";\n\n';
  yield "// These accounts existed before this program. The first `pulumi up` adopts them\n";
  yield "// and changes nothing at Keycard. After that, you can remove `adopt`.\n";
  if (protect) yield "// `protect` keeps Pulumi from deleting an account.\n";
  const options: Property[][] = protect ? [[["protect", "true"]]] : [];
  for (const { item, identifier, logicalName } of accounts) {
    const objects = [argumentsFor(item, logicalName, item.organizationId), ...options];
    yield `\n${declaration(identifier, "keycard.ServiceAccount", quoted(logicalName), objects)}\n`;
  }
}

/** Returns the arguments that reproduce the object; `name` defaults to the logical name. */
function argumentsFor(
  { id, name, description }: Account | Credential,
  logicalName: string,
  organizationId: string | undefined,
): Property[] {
  const args: [string, string | undefined][] = [
    ["name", name === logicalName ? undefined : name],
    ["description", description || undefined],
    ["organizationId", organizationId],
    ["adopt", id],
  ];
  return args.flatMap(([key, text]): Property[] => (text === undefined ? [] : [[key, quoted(text)]]));
}

/** Writes a comment line for each credential. No character of a literal can end the line. */
function* credentialComments(accounts: Named<Account>[]): Generator<string> {
  const all = accounts.flatMap((account) =>
    oldestFirst(account.item.credentials ?? []).map((credential) => ({ account, credential })),
  );
  if (all.length === 0) return;
  yield "\n// The credentials of these accounts. Keycard returns a secret only once. To manage\n";
  yield "// a credential, uncomment the next two lines and the credential's own line. Then set\n";
  yield "// its secret under the name in requireSecret: `pulumi config set --secret <name>`.\n";
  yield '// import * as pulumi from "@pulumi/pulumi";\n';
  yield "// const config = new pulumi.Config();\n";
  const named = assignNames(all, ({ account, credential }) => `${account.logicalName}-${credential.name}`);
  for (const { item, identifier, logicalName } of named) {
    const { account, credential } = item;
    const args = objectLiteral([
      ["serviceAccountId", `${account.identifier}.id`],
      ...argumentsFor(credential, logicalName, account.item.organizationId),
      ["clientSecret", `config.requireSecret(${quoted(identifier)})`],
    ]);
    yield `// new keycard.ServiceAccountCredential(${quoted(logicalName)}, ${args});\n`;
  }
}
