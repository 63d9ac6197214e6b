/** What can be done about what was found: lines of a program, and commands. */
import { refusal } from "../../codegen";
import { literal, printable, shellWord } from "../../text";
import type { Declared } from "../state/declarations";
import type { Change, Remedy } from "../report/finding";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import type { Place } from "./place";

export function takeOverAccount(
  account: FoundAccount,
  { logicalName, organizationId, isRead }: Place,
  what = isRead ? IN_PLACE : "take it over",
): Remedy {
  const { id, name, description } = account;
  const args = { name, description, organizationId, adopt: id };
  const line = `new keycard.ServiceAccount(${literal(logicalName)}, ${object(args)});`;
  return refused(account) ?? typescript(what, line);
}

/** @param key of its secret, in the configuration */
export function takeOverCredential(
  credential: FoundCredential,
  key: string,
  { logicalName, organizationId, isRead }: Place,
): Remedy {
  const { id, name, description, account } = credential;
  const args = { serviceAccountId: account.id, name, description, organizationId, adopt: id };
  const secret = `clientSecret: new pulumi.Config().requireSecret(${literal(key)})`;
  const line = `new keycard.ServiceAccountCredential(${literal(logicalName)}, ${object(args, secret)});`;
  return (
    refused(credential) ?? typescript(`${isRead ? IN_PLACE : "take it over"}, if you have its secret`, line)
  );
}

/** Pulumi takes no two resources of one name. */
const IN_PLACE = "take it over, with this in place of the `get`";

/** Says that no line would do. */
function refused(thing: FoundAccount | FoundCredential): Remedy | undefined {
  const reason = refusal(thing);
  return reason === undefined ? undefined : { what: `it cannot be taken over: ${reason}` };
}

/** Revokes what is not among the IDs to keep. */
export function revokeOthers(
  account: FoundAccount,
  keep: readonly string[],
  { logicalName, organizationId }: Place,
): Remedy {
  const args = { serviceAccountId: account.id, organizationId };
  const ids = `credentialIds: [${keep.map(literal).join(", ")}]`;
  const hint = keep.length > 0 ? " (better: the resources' own .id)" : "";
  const line = `new keycard.ExclusiveCredentials(${literal(logicalName)}, ${object(args, ids)});`;
  return typescript(`revoke it, and all but the stacks' own${hint}`, line);
}

/** The inputs that would make what is at Keycard. */
export function keep(found: FoundAccount | FoundCredential, changes: readonly Change[]): Remedy {
  const inputs = changes.map(
    ({ property, atKeycard }) => `${property}: ${atKeycard === null ? "undefined" : literal(atKeycard)}`,
  );
  const reason = refusal(found);
  return reason === undefined
    ? typescript("keep it so", inputs.join(", "))
    : { what: `it cannot be kept so: ${reason}` };
}

/** For the declaration that is there, where nothing was made yet under its name. */
export function adoptInPlace(what: string, { id }: FoundAccount): Remedy {
  return typescript(what, `adopt: ${literal(id)}`);
}

/** What Pulumi does when it has looked at Keycard. */
export function repair(what: string, declared: Declared): Remedy {
  return pulumi(what, ["up", "--refresh"], declared);
}

export function goOn(what: string, declared: Declared): Remedy {
  return pulumi(what, ["up"], declared);
}

export function takeNotice(what: string, declared: Declared): Remedy {
  return pulumi(what, ["refresh"], declared);
}

/** Puts a new credential in the place of one that stays in the program. */
export function replace(declared: Declared): Remedy {
  const { urn, adopt } = declared;
  // With these, the one in its place would be the same again.
  const first = adopt === undefined ? "" : "take `adopt` and `clientSecret` out of it, and ";
  // Pulumi takes a star for any text; and what is not seen cannot be typed.
  const isPlain = !urn.includes("*") && printable(urn) === urn;
  return isPlain
    ? pulumi(`or ${first}put a new one in its place`, ["up", "--replace", urn], declared)
    : typescript(
        `or ${first}put a new one in its place: give it this option, run \`pulumi up\`, change it, and run that again`,
        'replacementTrigger: "1"',
      );
}

/** A process that is killed leaves its stack locked. */
export function unlock(declared: Declared): Remedy {
  return pulumi("unlock the stack, if no update is running", ["cancel"], declared);
}

export function forget(what: string, declared: Declared): Remedy {
  return pulumi(what, ["refresh", "--clear-pending-creates"], declared);
}

function pulumi(what: string, words: readonly string[], { stack }: Declared): Remedy {
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
