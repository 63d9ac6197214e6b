/** What an update left that was interrupted: by a crash, a `kill -9`, or by answers that nobody could make sense of. */
import { isAlike, isTimely } from "../../creation/look";
import type { Unsettled } from "../../creation/unsettled";
import { atKeycard, changesOf } from "./compare";
import type { Findings, Sides } from "./compare";
import { textOf } from "../state/declarations";
import type { Declared, Pending } from "../state/declarations";
import type { Finding, Remedy } from "../report/finding";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import { placeFor } from "../remedies/place";
import { absent, present } from "../report/createFinding";
import * as remedies from "../remedies/remedies";
import { Revocations } from "../remedies/revocations";
import { ENCRYPTED } from "../state/readState";

type AtKeycard = FoundAccount | FoundCredential;

interface Interrupted extends Sides {
  readonly revocations: Revocations;
}

/** A thing is told of once: what one create may have left is not looked at for another one. */
export function* interrupted(sides: Sides): Findings {
  const taken = new Set<string>();
  const revocations = new Revocations(sides);
  for (const one of sides.declarations.resources) {
    if (one.unsettled) yield* unsettled(one, one.unsettled, sides, taken);
    else if (one.type !== "ExclusiveCredentials") yield* halfReplaced(one, sides, taken);
  }
  for (const group of alike(sides.declarations.pending))
    yield* created(group, { ...sides, revocations }, taken);
  for (const { doing, resource } of sides.declarations.pending) {
    if (doing === "updating") yield* updated(resource, sides);
    if (doing === "deleting") yield* deleted(resource, sides);
  }
}

/** A create whose answer was lost, and which could not be settled. */
function* unsettled(
  one: Declared,
  { since, until, others }: Unsettled,
  sides: Sides,
  taken: Set<string>,
): Findings {
  const time = { since: since ? Date.parse(since) : undefined, until: until ? Date.parse(until) : undefined };
  const todo = [remedies.goOn("let Pulumi settle it: it removes what was made, and makes it anew", one)];
  const found = candidates(one, sides, taken).filter(
    (thing) => !others.includes(thing.id) && isTimely(thing, time),
  );
  if (found.length === 0) {
    const reason = "Keycard's answer to its creation was lost; nothing that it could have made is there.";
    yield absent(sides, one, "interrupted", reason, todo);
  }
  for (const thing of found) {
    taken.add(thing.id);
    yield left(thing, one, "Keycard's answer to a creation was lost, which seems to have made it.", todo);
  }
}

/** What was to be deleted after its replacement was made, or replaced after it was deleted. */
function* halfReplaced(one: Declared, sides: Sides, taken: Set<string>): Findings {
  const found = atKeycard(sides, one);
  if (one.fate === "to be deleted" && found && !sides.declarations.managed.has(found.id)) {
    taken.add(found.id);
    const reason = "It was replaced, and the update ended before it was deleted.";
    yield left(found, one, reason, [remedies.goOn("delete it", one)]);
  }
  if (one.fate === "to be replaced") {
    const reason = "It was deleted, and the update ended before it was made again.";
    yield absent(sides, one, "interrupted", reason, [remedies.goOn("make it again", one)]);
  }
}

/** Creates that were interrupted, together with those that would have made the same. */
function alike(pending: readonly Pending[]): Declared[][] {
  const groups = new Map<string, Declared[]>();
  for (const { doing, resource } of pending) {
    if (doing !== "creating" || resource.type === "ExclusiveCredentials") continue;
    const { type, organization, serviceAccountId, name, description, adopt } = resource;
    const what = [type, organization?.id, serviceAccountId, name, description, adopt].map(String);
    const key = JSON.stringify(what);
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return [...groups.values()];
}

/** Things and creates are told in pairs, as far as they go; of the things that are over, each may be the last one's. */
function* created(group: readonly Declared[], sides: Interrupted, taken: Set<string>): Findings {
  const [first] = group;
  const last = group.at(-1);
  if (!first || !last) return;
  const found = candidates(first, sides, taken);
  for (const [index, thing] of found.entries()) {
    const one = group[index] ?? last;
    taken.add(thing.id);
    const certainly = textOf(one.adopt) === thing.id;
    const reason = certainly
      ? "An update was interrupted while it took it over."
      : `An update was interrupted while it created ${one.type === "ServiceAccount" ? "an account" : "a credential"} like it${found.length > group.length ? `; ${found.length} are like that` : ""}.`;
    yield left(thing, one, reason, takeOverOrRevoke(thing, one, certainly, sides));
  }
  for (const one of group.slice(found.length)) {
    const told =
      one.name === ENCRYPTED
        ? "An update was interrupted while it created it; what it made, if anything, cannot be recognised by its name, which the program made secret."
        : "An update was interrupted while it created it; nothing that it could have made is at Keycard.";
    const todo = [remedies.unlock(one), remedies.forget("then let Pulumi forget it", one)];
    yield absent(sides, one, "interrupted", told, todo);
  }
}

/** Steps, in their order. */
function takeOverOrRevoke(thing: AtKeycard, one: Declared, certainly: boolean, sides: Interrupted): Remedy[] {
  const [unlock, up] = [remedies.unlock(one), remedies.goOn("then run", one)];
  const forget = remedies.forget("then let Pulumi forget the interruption", one);
  if (certainly) return [unlock, up, forget];
  if ("account" in thing) return [unlock, revocation(thing, sides.revocations), forget];
  if (!declarationAt(one, sides))
    return [unlock, remedies.adoptInPlace("then add to its declaration", thing), up, forget];
  // Another update has made a second one, so that `adopt` would not be read there any more.
  const what = "its resource has another one by now: delete this one at Keycard, or take it over";
  return [remedies.takeOverAccount(thing, placeFor(thing, sides), what), forget];
}

/** A new statement would not do: while one of its name is being made, it takes it for that. */
function revocation(credential: FoundCredential, revocations: Revocations): Remedy {
  const guard = revocations.guardOf(credential);
  const what = "its secret is lost: delete it at Keycard";
  return guard && !revocations.isListed(credential)
    ? remedies.repair(`${what}, or revoke it by running this twice`, guard)
    : { what };
}

/** What the stack has under the name of something pending. */
function declarationAt({ urn, stack }: Declared, { declarations }: Sides): Declared | undefined {
  return declarations.kept().find((one) => one.urn === urn && one.stack === stack);
}

/** A change that may have been made; where it was not, nothing is to be said. */
function* updated(pending: Declared, sides: Sides): Findings {
  const one = declarationAt(pending, sides);
  const found = one && atKeycard(sides, one);
  const changes = one && found ? changesOf(one, found) : [];
  if (!one || !found || changes.length === 0) return;
  const reason = "An update was interrupted while it changed it.";
  const todo = [remedies.unlock(one), remedies.repair("then finish it", one)];
  yield present(found, "interrupted", reason, todo, { declared: one, changes });
}

/** A deletion that was done, which the state does not know. */
function* deleted(one: Declared, sides: Sides): Findings {
  if (one.type === "ExclusiveCredentials" || atKeycard(sides, one) || one.organization === undefined) return;
  const reason = "An update was interrupted while it deleted it; it is gone.";
  const todo = [remedies.unlock(one), remedies.takeNotice("then let Pulumi take notice", one)];
  yield absent(sides, one, "interrupted", reason, todo);
}

/** What is at Keycard in no stack, and may be what was to be made. */
function candidates(
  one: Declared,
  { inventory, declarations }: Sides,
  taken: ReadonlySet<string>,
): AtKeycard[] {
  const { organization } = one;
  const place = organization && (inventory.sameAs.get(organization) ?? organization);
  const isThere = (thing: AtKeycard) =>
    place === undefined || ("account" in thing ? thing.account : thing).organization === place;
  const all: Iterable<AtKeycard> =
    one.type === "ServiceAccount" ? inventory.accounts.values() : inventory.credentials.values();
  return [...all]
    .filter((thing) => !declarations.managed.has(thing.id) && !taken.has(thing.id))
    .filter((thing) => isThere(thing) && fits(thing, one))
    .sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

function fits(thing: AtKeycard, one: Declared): boolean {
  const adopt = textOf(one.adopt);
  if (adopt !== undefined) return thing.id === adopt;
  const { name, description } = one;
  if (typeof name !== "string") return false;
  if ("account" in thing) {
    const account = textOf(one.serviceAccountId);
    // Who has its secret can only be somebody else: an interrupted update told it to nobody.
    if (thing.last_used_at !== undefined || (account !== undefined && account !== thing.account.id))
      return false;
  }
  const wanted: string | undefined = description === ENCRYPTED ? thing.description : description;
  return isAlike(thing, { name, ...(wanted === undefined ? {} : { description: wanted }) });
}

function left(thing: AtKeycard, one: Declared, reason: string, todo: Remedy[]): Finding {
  return present(thing, "interrupted", reason, todo, { declared: one });
}
