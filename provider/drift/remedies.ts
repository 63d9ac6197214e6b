/** What can be done about what was found: lines of a program, and commands. */
import { literal, shellWord } from "../text";
import type { Declared } from "./declared";
import type { Change, Remedy } from "./findings";
import type { FoundAccount, FoundCredential } from "./inventory";

/** With `organizationId`, where it is not in the program's usual one. */
export function takeOverAccount(
  { id, name, description }: FoundAccount,
  organizationId: string | undefined,
): Remedy {
  const args = { name, description, organizationId, adopt: id };
  return typescript("take it over", `new keycard.ServiceAccount(${literal(name || id)}, ${object(args)});`);
}

export function takeOverCredential(credential: FoundCredential, organizationId: string | undefined): Remedy {
  const { id, name, description, account } = credential;
  const args = { serviceAccountId: account.id, name, description, organizationId, adopt: id };
  // Pulumi takes nothing else for a key of its configuration.
  const key = `${(name || id).replace(/[^\w.-]+/g, "-")}-secret`;
  const secret = `clientSecret: config.requireSecret(${literal(key)})`;
  return typescript(
    "take it over, if you have its secret",
    `new keycard.ServiceAccountCredential(${literal(name || id)}, ${object(args, secret)});`,
  );
}

/** Revokes what is not among the IDs to keep. */
export function revokeOthers(
  what: string,
  account: FoundAccount,
  keep: readonly string[],
  organizationId: string | undefined,
): Remedy {
  const args = { serviceAccountId: account.id, organizationId };
  const ids = `credentialIds: [${keep.map(literal).join(", ")}]`;
  const name = literal(`only-${account.name || account.id}`);
  return typescript(what, `new keycard.ExclusiveCredentials(${name}, ${object(args, ids)});`);
}

/** The inputs that would make what is at Keycard. */
export function keep(changes: readonly Change[]): Remedy {
  const inputs = changes.map(
    ({ property, atKeycard }) => `${property}: ${atKeycard === null ? "undefined" : literal(atKeycard)}`,
  );
  return typescript("keep it so", inputs.join(", "));
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

export function replace(what: string, declared: Declared): Remedy {
  return pulumi(what, ["up", "--replace", declared.urn], declared);
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
