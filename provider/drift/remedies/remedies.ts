/** Writes remedies: lines of a program, and commands. */
import { refusalReason } from "../../codegen";
import { literal, escapeInvisible, shellWord } from "../../text";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import type { Change, Remedy } from "../report/finding";
import type { Declared } from "../state/declarations";
import type { ProposedResource } from "./proposedNames";

export function adoptAccount(
  account: FoundAccount,
  { logicalName, organizationId, replacesGet }: ProposedResource,
  what = replacesGet ? REPLACE_GET : "adopt it",
): Remedy {
  const { id, name, description } = account;
  const args = { name, description, organizationId, adopt: id };
  const line = `new keycard.ServiceAccount(${literal(logicalName)}, ${object(args)});`;
  return refused(account, "it cannot be adopted") ?? typescript(what, line);
}

/** @param secretKey configuration key of the credential's secret */
export function adoptCredential(
  credential: FoundCredential,
  secretKey: string,
  { logicalName, organizationId, replacesGet }: ProposedResource,
): Remedy {
  const { id, name, description, account } = credential;
  const args = { serviceAccountId: account.id, name, description, organizationId, adopt: id };
  const secret = `clientSecret: new pulumi.Config().requireSecret(${literal(secretKey)})`;
  const line = `new keycard.ServiceAccountCredential(${literal(logicalName)}, ${object(args, secret)});`;
  const what = `${replacesGet ? REPLACE_GET : "adopt it"}, if you have its secret`;
  return refused(credential, "it cannot be adopted") ?? typescript(what, line);
}

/** Pulumi allows only one resource of a type and a name. */
const REPLACE_GET = "adopt it, in place of the `get`";

/** Returns a remedy that says why no program can declare the object, if that is so. */
function refused(found: FoundAccount | FoundCredential, what: string): Remedy | undefined {
  const reason = refusalReason(found);
  return reason === undefined ? undefined : { what: `${what}: ${reason}` };
}

/** Revokes all credentials of the account but these. */
export function revokeUnlisted(
  account: FoundAccount,
  listedIds: readonly string[],
  { logicalName, organizationId }: ProposedResource,
): Remedy {
  const args = { serviceAccountId: account.id, organizationId };
  const ids = `credentialIds: [${listedIds.map(literal).join(", ")}]`;
  const line = `new keycard.ExclusiveCredentials(${literal(logicalName)}, ${object(args, ids)});`;
  const hint =
    listedIds.length > 0
      ? " // better: each resource's .id; of a RotatingCredential, the items of .credentialIds"
      : "";
  return typescript("revoke all of the account's credentials but these", line + hint);
}

/** Changes the inputs to what Keycard has. */
export function keepChanges(found: FoundAccount | FoundCredential, changes: readonly Change[]): Remedy {
  const inputs = changes.map(
    ({ property, atKeycard }) => `${property}: ${atKeycard === null ? "undefined" : literal(atKeycard)}`,
  );
  return (
    refused(found, "it cannot be kept as it is") ??
    typescript("or keep it, and write this into the program", inputs.join(", "))
  );
}

/** Adds `adopt` to a declaration that has not created an object yet. */
export function adoptInPlace(what: string, { id }: FoundAccount): Remedy {
  return typescript(what, `adopt: ${literal(id)}`);
}

/** Replaces a credential that stays in the program. */
export function replace(declared: Declared): Remedy {
  const { urn, adopt } = declared;
  // With `adopt`, the replacement would adopt the same credential.
  const what =
    adopt === undefined ? "or replace it" : "or remove its `adopt` and `clientSecret`, and replace it";
  // `--replace` treats `*` as a wildcard, and an invisible character cannot be typed.
  const isPlain = !urn.includes("*") && escapeInvisible(urn) === urn;
  return isPlain
    ? run(what, declared, "up", "--replace", urn)
    : typescript(
        `${what}: add this option, run \`pulumi up\`, change the option's value, and run \`pulumi up\` again`,
        'replacementTrigger: "1"',
      );
}

/** Rotates a credential that stays in the program. */
export function rotate(): Remedy {
  return typescript(
    "or rotate it: change a value of its rotateWhenChanged, and run `pulumi up`",
    'rotateWhenChanged: { reason: "…" }',
  );
}

/** A killed process leaves its stack locked. */
export function unlock(declared: Declared): Remedy {
  return run("unlock the stack, if no update is running", declared, "cancel");
}

export function clearPending(declared: Declared): Remedy {
  return run("then clear the pending operation", declared, "refresh", "--clear-pending-creates");
}

/** Runs a command of Pulumi on the resource's stack. */
export function run(what: string, { stack }: Declared, ...words: string[]): Remedy {
  const name = stack.name ?? stack.state.stack;
  const all = ["pulumi", ...words, ...(name === undefined ? [] : ["--stack", name])];
  return { what, language: "shell", code: all.map(shellWord).join(" ") };
}

function typescript(what: string, code: string): Remedy {
  return { what, language: "typescript", code };
}

function object(args: Record<string, string | undefined>, ...more: string[]): string {
  const given = Object.entries(args).flatMap(([name, value]) => (value ? `${name}: ${literal(value)}` : []));
  return `{ ${[...given, ...more].join(", ")} }`;
}
