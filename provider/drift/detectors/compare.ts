/** Holds what is at Keycard against what the stacks say. */
import { changedInputs, commonRules } from "../../inputs";
import { declarationOf, textOf } from "../state/declarations";
import type { Declarations, Declared } from "../state/declarations";
import type { Change, Finding, Uncompared } from "../report/finding";
import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";
import type { AdvisedNames } from "../remedies/advisedNames";
import { placeFor } from "../remedies/place";
import { absent, present } from "../report/createFinding";
import * as remedies from "../remedies/remedies";
import { Revocations } from "../remedies/revocations";
import { ENCRYPTED } from "../state/readState";

/** The two sides, and the time by the server's clock. */
export interface Sides {
  readonly declarations: Declarations;
  readonly inventory: Inventory;
  /** For what is advised to be declared. */
  readonly names: AdvisedNames;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is found, one by one. */
export type Findings = Iterable<Finding>;

/** What a declared thing is at Keycard. */
export function atKeycard({ inventory }: Sides, { type, id = "" }: Declared) {
  return type === "ServiceAccount" ? inventory.accounts.get(id) : inventory.credentials.get(id);
}

/** What the stacks have and Keycard has not. */
export function* missing(sides: Sides): Findings {
  const { declarations } = sides;
  const isMissing = (one: Declared) => isToBeFound(one) && !atKeycard(sides, one);
  for (const one of declarations.things().filter(isMissing)) {
    yield absent(sides, one, "missing", "It is in the stack, and not at Keycard.", [
      remedies.repair(anew(one), one),
    ]);
  }
  for (const one of declarations.resources.filter(({ fate }) => fate === "read").filter(isMissing)) {
    const todo = remedies.goOn("read another one, or take it out of the program, and run", one);
    yield absent(
      sides,
      one,
      "missing",
      "The program reads it, and it is not at Keycard: its next update fails.",
      [todo],
    );
  }
}

function anew({ type }: Declared): string {
  return type === "ServiceAccount" ? "make it again" : "make it again, with a new secret";
}

/** What is called or described otherwise. */
export function* changed(sides: Sides): Findings {
  for (const one of sides.declarations.things()) {
    const found = atKeycard(sides, one);
    const changes = found ? changesOf(one, found) : [];
    if (!found || changes.length === 0) continue;
    const reason = "It is not as the stack has it.";
    const todo = [remedies.repair("put it back", one), remedies.keep(found, changes)];
    yield present(found, "changed", reason, todo, { declared: one, changes });
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
export function* unmanagedAccounts(sides: Sides): Findings {
  const { declarations, inventory } = sides;
  const readers = declarations.readers();
  for (const account of inventory.accounts.values()) {
    if (declarations.managed.has(account.id)) continue;
    const reader = readers.get(account.id);
    const reason = reader ? READ_ONLY : "No stack has it.";
    const todo = [remedies.takeOverAccount(account, placeFor(account, sides, reader))];
    yield present(account, "unmanaged-account", reason, todo, { declared: reader });
  }
}

const READ_ONLY = "A stack reads it, but none manages it.";

/** Credentials that no stack has, of accounts that one has. */
export function* unmanagedCredentials(sides: Sides): Findings {
  const { declarations, inventory, names } = sides;
  const watched = declarations.watched();
  const readers = declarations.readers();
  const revocations = new Revocations(sides);
  for (const credential of inventory.credentials.values()) {
    const { id, account } = credential;
    if (declarations.managed.has(id) || revocations.isListed(credential) || !watched.has(account.id))
      continue;
    const reader = readers.get(id);
    const place = placeFor(credential, sides, reader);
    const adopt = remedies.takeOverCredential(credential, names.keyOf(credential), place);
    const reason = reader ? READ_ONLY : "No stack has it, and its account is managed.";
    // Whoever reads it may need it.
    const todo = reader ? [adopt] : [adopt, revocations.remedy(credential)];
    const declared = reader ?? revocations.guardOf(credential);
    yield present(credential, "unmanaged-credential", reason, todo, { declared });
  }
}

/** What the state has only encrypted, and what therefore could not be looked for. */
export function uncompared(sides: Sides): Uncompared[] {
  return sides.declarations.resources.flatMap((one) => {
    const isKept = one.fate === "kept" && !one.unsettled;
    if (!isKept && one.fate !== "read") return [];
    const properties = [...(isKept ? hiddenIn(one) : []), ...placeHidden(one, sides)];
    return properties.length === 0 ? [] : [{ declared: declarationOf(one), properties }];
  });
}

function hiddenIn(one: Declared): string[] {
  return (["name", "description", "credentialIds"] as const).filter(
    (property) => one[property] === ENCRYPTED,
  );
}

/** What hides where it is, unless it was found all the same. */
function placeHidden(one: Declared, sides: Sides): string[] {
  const { type, organization, serviceAccountId } = one;
  const found =
    type === "ExclusiveCredentials"
      ? sides.inventory.accounts.get(textOf(serviceAccountId) ?? "")
      : atKeycard(sides, one);
  if (found) return [];
  return [
    ...(organization === undefined ? ["organizationId"] : []),
    ...(serviceAccountId === ENCRYPTED ? ["serviceAccountId"] : []),
  ];
}

/** Whether it is known where it would be, so that it can be said that it is not there. */
function isToBeFound({ type, id, organization, serviceAccountId }: Declared): boolean {
  if (id === undefined || organization === undefined) return false;
  return type === "ServiceAccount" || textOf(serviceAccountId) !== undefined;
}
