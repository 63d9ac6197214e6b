/** Holds what is at Keycard against what the stacks say. */
import { changedInputs, commonRules } from "../inputs";
import { declarationOf, textOf } from "./declared";
import type { Declarations, Declared } from "./declared";
import type { Change, Finding, Kind, Uncompared } from "./findings";
import type { FoundAccount, FoundCredential, Inventory } from "./inventory";
import * as remedies from "./remedies";
import { ENCRYPTED } from "./states";

/** The two sides, and the time by the server's clock. */
export interface Sides {
  readonly declarations: Declarations;
  readonly inventory: Inventory;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Of one kind. */
export type Found = Iterable<Finding>;

/** What a declared thing is at Keycard. */
export function atKeycard({ inventory }: Sides, { type, id = "" }: Declared) {
  return type === "ServiceAccount" ? inventory.accounts.get(id) : inventory.credentials.get(id);
}

/** What the stacks have and Keycard has not. */
export function* missing(sides: Sides): Found {
  for (const one of things(sides)) {
    if (atKeycard(sides, one) || !isToBeFound(one)) continue;
    yield one.fate === "read"
      ? absent(one, "The program reads it, and it is not at Keycard: its next update fails.", [
          remedies.goOn("read another one, or take it out of the program, and run", one),
        ])
      : absent(one, "It is in the stack, and not at Keycard.", [remedies.repair(anew(one), one)]);
  }
}

function anew({ type }: Declared): string {
  return type === "ServiceAccount" ? "make it again" : "make it again, with a new secret";
}

/** What is called or described otherwise. */
export function* changed(sides: Sides): Found {
  for (const one of sides.declarations.kept()) {
    const found = atKeycard(sides, one);
    const changes = found ? changesOf(one, found) : [];
    if (!found || changes.length === 0) continue;
    const reason = "It is not as the stack has it.";
    const todo = [remedies.repair("put it back", one), remedies.keep(changes)];
    yield { ...about(found, "changed", reason, todo), declared: declarationOf(one), changes };
  }
}

/** What differs, by the resources' own rules: none and an empty text are the same, and times are no difference. */
export function changesOf(one: Declared, found: FoundAccount | FoundCredential): Change[] {
  const comparable = { name: commonRules.name, description: commonRules.description };
  const stated = { name: textOf(one.name), description: textOf(one.description) };
  const live = { name: found.name, description: found.description || undefined };
  return changedInputs(comparable, stated, live)
    .map((property) => property as keyof typeof comparable)
    .filter((property) => one[property] !== ENCRYPTED)
    .map((property) => ({
      property,
      inStack: stated[property] ?? null,
      atKeycard: live[property] ?? null,
    }));
}

/** Accounts that no stack has. */
export function* unmanagedAccounts({ declarations, inventory }: Sides): Found {
  const readers = new Map(
    declarations.resources.filter(({ fate }) => fate === "read").map((one) => [one.id, one]),
  );
  for (const account of inventory.accounts.values()) {
    if (declarations.managed.has(account.id)) continue;
    const reader = readers.get(account.id);
    const reason = reader ? "A stack reads it, but none manages it." : "No stack has it.";
    yield {
      ...about(account, "unmanaged-account", reason, [
        remedies.takeOverAccount(account, unusual(account, declarations)),
      ]),
      ...(reader ? { declared: declarationOf(reader) } : {}),
    };
  }
}

/** Credentials that no stack has, of accounts that one has. */
export function* unmanagedCredentials({ declarations, inventory }: Sides): Found {
  const watched = declarations.watched();
  const exclusive = declarations.kept("ExclusiveCredentials");
  const guards = new Map(exclusive.map((one) => [textOf(one.serviceAccountId), one]));
  const listed = new Set(
    exclusive.flatMap(({ credentialIds }) => (credentialIds === ENCRYPTED ? [] : credentialIds)),
  );
  const kept = credentialsToKeep(declarations);
  for (const credential of inventory.credentials.values()) {
    const { id, account } = credential;
    if (declarations.managed.has(id) || listed.has(id) || !watched.has(account.id)) continue;
    const guard = guards.get(account.id);
    const organization = unusual(account, declarations);
    const adopt = remedies.takeOverCredential(credential, organization);
    const revoke = guard
      ? remedies.repair("revoke it", guard)
      : remedies.revokeOthers("revoke it", account, kept.get(account.id) ?? [], organization);
    yield {
      ...about(credential, "unmanaged-credential", "No stack has it, and its account is managed.", [
        adopt,
        revoke,
      ]),
      ...(guard ? { declared: declarationOf(guard) } : {}),
    };
  }
}

/** IDs of the credentials that the stacks have, by account. */
export function credentialsToKeep(declarations: Declarations): Map<string, string[]> {
  const kept = new Map<string, string[]>();
  for (const { id, serviceAccountId } of declarations.kept("ServiceAccountCredential")) {
    const account = textOf(serviceAccountId);
    if (id !== undefined && account !== undefined) kept.set(account, [...(kept.get(account) ?? []), id]);
  }
  return kept;
}

/** Credentials that nobody has used for so many milliseconds, or ever since they were made that long ago. */
export function* stale({ declarations, inventory, now }: Sides, after: number): Found {
  const owners = new Map(declarations.kept("ServiceAccountCredential").map((one) => [one.id, one]));
  for (const credential of inventory.credentials.values()) {
    const { last_used_at, created_at, id, account } = credential;
    const idle = now - Date.parse(last_used_at ?? created_at);
    if (!(idle >= after)) continue;
    const days = Math.floor(idle / 86_400_000);
    const reason = last_used_at
      ? `It was last used ${days} days ago.`
      : `It was made ${days} days ago and has never been used.`;
    const owner = owners.get(id);
    const todo = owner
      ? [
          remedies.goOn("take it out of the program, and run", owner),
          remedies.replace("or put a new one in its place", owner),
        ]
      : [
          remedies.revokeOthers(
            "revoke it",
            account,
            credentialsToKeep(declarations).get(account.id) ?? [],
            unusual(account, declarations),
          ),
        ];
    yield {
      ...about(credential, "stale", reason, todo),
      ...(owner ? { declared: declarationOf(owner) } : {}),
    };
  }
}

/** What the state has only encrypted, and what therefore could not be looked for. */
export function uncompared(sides: Sides): Uncompared[] {
  return sides.declarations.kept().flatMap((one) => {
    const hidden = (["name", "description"] as const).filter((property) => one[property] === ENCRYPTED);
    const place = (["organizationId", "serviceAccountId"] as const).filter(
      (property) => one[property] === ENCRYPTED && !atKeycard(sides, one) && !isToBeFound(one),
    );
    const ids = one.credentialIds === ENCRYPTED ? ["credentialIds"] : [];
    const properties = [...hidden, ...place, ...ids];
    return properties.length === 0 ? [] : [{ declared: declarationOf(one), properties }];
  });
}

/** Accounts and credentials that are to be at Keycard. */
function things({ declarations }: Sides): Declared[] {
  return declarations.resources.filter(
    ({ type, fate, unsettled }) =>
      type !== "ExclusiveCredentials" && (fate === "kept" || fate === "read") && !unsettled,
  );
}

/** Whether it is known where it would be, so that it can be said that it is not there. */
function isToBeFound({ type, id, organization, serviceAccountId }: Declared): boolean {
  if (id === undefined || organization === undefined) return false;
  return type === "ServiceAccount" || textOf(serviceAccountId) !== undefined;
}

/** A finding on what is at Keycard. */
export function about(
  found: FoundAccount | FoundCredential,
  kind: Kind,
  reason: string,
  todo: Finding["remedies"],
): Finding {
  const { id, name, created_at: createdAt } = found;
  const common = { id, name, createdAt, reason, remedies: todo };
  if (!("account" in found)) {
    return { kind, thing: "account", ...common, organizationId: found.organization.id };
  }
  const { account, client_id: clientId, last_used_at: lastUsedAt } = found;
  return {
    kind,
    thing: "credential",
    ...common,
    account: { id: account.id, name: account.name },
    organizationId: account.organization.id,
    clientId,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
  };
}

/** A finding on what is not at Keycard. */
export function absent(
  one: Declared,
  reason: string,
  todo: Finding["remedies"],
  kind: Kind = "missing",
): Finding {
  const account = textOf(one.serviceAccountId);
  return {
    kind,
    thing: one.type === "ServiceAccount" ? "account" : "credential",
    name: textOf(one.name) ?? one.logicalName,
    ...(one.id === undefined || one.unsettled ? {} : { id: one.id }),
    ...(account === undefined ? {} : { account: { id: account } }),
    ...(one.organization === undefined ? {} : { organizationId: one.organization.id }),
    declared: declarationOf(one),
    reason,
    remedies: todo,
  };
}

/** The organization to write into code, where one alone does not go without saying. */
export function unusual({ organization }: FoundAccount, { organizations }: Declarations): string | undefined {
  return organizations.length > 1 ? organization.id : undefined;
}
