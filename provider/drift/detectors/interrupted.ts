/** Finds what an interrupted update left behind: after a crash, a `kill -9`, or a lost response. */
import type { PendingVerification } from "../../create/pendingVerification";
import { generationName } from "../../rotation/state";
import { isAlike, isTimely, parseTime } from "../../create/search";
import { objectOf } from "../comparison";
import type { Comparison } from "../comparison";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import * as remedies from "../remedies/remedies";
import { findingOf, findingOfMissing } from "../report/createFinding";
import type { Change, Finding, Remedy } from "../report/finding";
import { plainValue } from "../state/declarations";
import type { Declared, Pending } from "../state/declarations";
import { ENCRYPTED } from "../state/readState";
import { changesOf } from "./changed";

type Found = FoundAccount | FoundCredential;

/** Returns the findings about interrupted updates. */
export function interrupted(comparison: Comparison): Iterable<Finding> {
  return new InterruptedUpdates(comparison).findings();
}

class InterruptedUpdates {
  /** IDs of the objects reported so far: no two creates can have left the same object. */
  readonly #reported = new Set<string>();

  constructor(private readonly comparison: Comparison) {}

  *findings(): Iterable<Finding> {
    const { resources, pending } = this.comparison.declarations;
    for (const one of resources) {
      if (one.pendingVerification) yield* this.#lostResponse(one, one.pendingVerification);
      else if (one.type !== "ExclusiveCredentials") yield* this.#interruptedReplacement(one);
    }
    for (const group of identicalCreates(pending)) yield* this.#creates(group);
    for (const { operation, resource } of pending) {
      if (operation === "updating") yield* this.#update(resource);
      if (operation === "deleting") yield* this.#deletion(resource);
    }
  }

  *#lostResponse(one: Declared, { since, until, others }: PendingVerification): Iterable<Finding> {
    const time = { since: parseTime(since), until: parseTime(until) };
    const steps = [remedies.run("let Pulumi delete what was created, and create it again", one, "up")];
    const found = this.#candidates(one).filter(({ id }) => !others.includes(id));
    const timely = found.filter((object) => isTimely(object, time));
    if (timely.length === 0)
      yield this.#findingOfMissing(
        one,
        "The response to the request that creates it was lost, and Keycard has no matching object.",
        steps,
      );
    for (const object of timely)
      yield this.#left(
        object,
        one,
        "The response to a create request was lost. That request probably created this object.",
        steps,
      );
  }

  /** Handles an object that was to be deleted after its replacement, or replaced after its deletion. */
  *#interruptedReplacement(one: Declared): Iterable<Finding> {
    const found = objectOf(this.comparison, one);
    if (one.lifecycle === "pending deletion" && found && !this.#isManaged(found)) {
      const reason = "It was replaced, but the update ended before deleting it.";
      yield this.#left(found, one, reason, [remedies.run("delete it", one, "up")]);
    }
    if (one.lifecycle === "pending replacement") {
      const reason = "It was deleted, but the update ended before creating its replacement.";
      yield this.#findingOfMissing(one, reason, [remedies.run("create the replacement", one, "up")]);
    }
  }

  /** Pairs the matching objects with identical creates. Surplus objects are reported under the last create. */
  *#creates(group: readonly Declared[]): Iterable<Finding> {
    const [first] = group;
    const last = group.at(-1);
    if (!first || !last) return;
    const found = this.#candidates(first);
    for (const [index, object] of found.entries()) {
      const one = group[index] ?? last;
      const isAdopted = plainValue(one.adopt) === object.id;
      const kind = one.type === "ServiceAccount" ? "an account" : "a credential";
      const count = found.length > group.length ? ` ${found.length} objects match.` : "";
      const reason = isAdopted
        ? "An update was interrupted while adopting it."
        : `An update was interrupted while creating ${kind} with this name and description.${count}`;
      yield this.#left(object, one, reason, this.#stepsFor(object, one, isAdopted));
    }
    for (const one of group.slice(found.length)) {
      const reason =
        one.name === ENCRYPTED
          ? "An update was interrupted while creating it. Its name is encrypted in the state, so the command cannot tell which object the update created, if any."
          : "An update was interrupted while creating it, but Keycard has no matching object.";
      yield this.#findingOfMissing(one, reason, [remedies.unlock(one), remedies.clearPending(one)]);
    }
  }

  #stepsFor(object: Found, one: Declared, isAdopted: boolean): Remedy[] {
    const [unlock, runUp] = [remedies.unlock(one), remedies.run("then run", one, "up")];
    const clear = remedies.clearPending(one);
    if (isAdopted) return [unlock, runUp, clear];
    if ("account" in object) return [unlock, this.#revocation(object), clear];
    if (!this.#managedAt(one))
      return [unlock, remedies.adoptInPlace("then add to the resource's arguments", object), runUp, clear];
    // Pulumi would ignore `adopt` there, since the resource exists.
    const what =
      "the resource manages another account now: delete this one at Keycard, or adopt it under another name";
    return [remedies.adoptAccount(object, this.comparison.names.of(object), what), clear];
  }

  /** A new `ExclusiveCredentials` is no remedy: until the pending create is cleared, it spares this credential. */
  #revocation(credential: FoundCredential): Remedy {
    const { revocations } = this.comparison;
    const exclusive = revocations.exclusiveFor(credential);
    const what = "its secret was lost: delete it at Keycard";
    return exclusive && !revocations.isListed(credential)
      ? remedies.run(`${what}, or revoke it by running this twice`, exclusive, "up", "--refresh")
      : { what };
  }

  /** Reports the credential that an interrupted rotation created, used or not: the update signs in with it. */
  *#rotation(pending: Declared): Iterable<Finding> {
    const one = this.#managedAt(pending);
    const name = plainValue(pending.name) ?? plainValue(one?.name);
    if (!one?.generation || name === undefined) return;
    const { next, rotatedAt } = one.generation;
    const created = { ...pending, name: generationName(name, next), generation: one.generation };
    for (const object of this.#candidates(created))
      if (isTimely(object, { since: parseTime(rotatedAt) }))
        yield this.#left(
          object,
          one,
          "An update was interrupted while rotating the credential: it created this one, whose secret is lost.",
          [
            remedies.unlock(one),
            "account" in object ? this.#revocation(object) : remedies.clearPending(one),
            remedies.run("then rotate again", one, "up"),
          ],
        );
  }

  /** Reports an interrupted update only if Keycard still differs from the state. */
  *#update(pending: Declared): Iterable<Finding> {
    if (pending.type === "RotatingCredential") yield* this.#rotation(pending);
    const one = this.#managedAt(pending);
    const found = one && objectOf(this.comparison, one);
    const changes = one && found ? changesOf(one, found) : [];
    if (!one || !found || changes.length === 0) return;
    const steps = [remedies.unlock(one), remedies.run("then finish the update", one, "up", "--refresh")];
    yield this.#left(found, one, "An update was interrupted while changing it.", steps, changes);
  }

  /** Reports a deletion that Keycard has done and the state does not record. */
  *#deletion(one: Declared): Iterable<Finding> {
    const { type, organization } = one;
    if (type === "ExclusiveCredentials" || objectOf(this.comparison, one) || organization === undefined)
      return;
    yield this.#findingOfMissing(
      one,
      "An update was interrupted after Keycard deleted it, so the state still contains it.",
      [remedies.unlock(one), remedies.run("then refresh the stack", one, "refresh")],
    );
  }

  /** Returns the managed resource with the URN of a pending operation. */
  #managedAt({ urn, stack }: Declared): Declared | undefined {
    return this.comparison.declarations.managed().find((one) => one.urn === urn && one.stack === stack);
  }

  #isManaged({ id }: Found): boolean {
    return this.comparison.declarations.managedIds.has(id);
  }

  /** Returns the unmanaged objects that a create may have left, oldest first. */
  #candidates(one: Declared): Found[] {
    const { inventory } = this.comparison;
    const organization = one.organization && (inventory.sameAs.get(one.organization) ?? one.organization);
    const isInOrganization = (object: Found) =>
      organization === undefined ||
      ("account" in object ? object.account : object).organization === organization;
    const all: Iterable<Found> =
      one.type === "ServiceAccount" ? inventory.accounts.values() : inventory.credentials.values();
    return [...all]
      .filter((object) => !this.#isManaged(object) && !this.#reported.has(object.id))
      .filter((object) => isInOrganization(object) && matches(object, one))
      .sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
  }

  #left(object: Found, declared: Declared, reason: string, steps: Remedy[], changes?: Change[]): Finding {
    this.#reported.add(object.id);
    return findingOf(object, { kind: "interrupted", reason, remedies: steps, declared, changes });
  }

  #findingOfMissing(one: Declared, reason: string, steps: Remedy[]): Finding {
    return findingOfMissing(one, this.comparison, { kind: "interrupted", reason, remedies: steps });
  }
}

/** Groups pending creates that would create the same object. */
function identicalCreates(pending: readonly Pending[]): Declared[][] {
  const groups = new Map<string, Declared[]>();
  for (const { operation, resource } of pending) {
    if (operation !== "creating" || resource.type === "ExclusiveCredentials") continue;
    const { type, organization, serviceAccountId, name, description, adopt } = resource;
    const inputs = [type, organization?.id, serviceAccountId, name, description, adopt].map(String);
    const key = JSON.stringify(inputs);
    groups.set(key, [...(groups.get(key) ?? []), resource]);
  }
  return [...groups.values()];
}

/** Checks whether an object can be the result of a create. */
function matches(object: Found, one: Declared): boolean {
  const adopt = plainValue(one.adopt);
  if (adopt !== undefined) return object.id === adopt;
  const { name, description } = one;
  if (typeof name !== "string") return false;
  if ("account" in object) {
    const accountId = plainValue(one.serviceAccountId);
    // A used credential is somebody else's: an interrupted update has given its secret to nobody. A rotation signs in itself.
    const isUsed = object.last_used_at !== undefined && one.generation === undefined;
    if (isUsed || (accountId ?? object.account.id) !== object.account.id) return false;
  }
  const expected = description === ENCRYPTED ? object.description : description;
  const isFirst = one.type === "RotatingCredential" && one.generation === undefined;
  return isAlike(object, {
    name: isFirst ? generationName(name, 1) : name,
    ...(expected === undefined ? {} : { description: expected }),
  });
}
