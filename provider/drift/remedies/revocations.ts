/** How to be rid of a credential that no stack manages. */
import type { Sides } from "../detectors/compare";
import { textOf } from "../state/declarations";
import type { Declared } from "../state/declarations";
import type { Remedy } from "../report/finding";
import type { FoundCredential } from "../inventory/readInventory";
import { guardPlaceFor } from "./place";
import * as remedies from "./remedies";
import { ENCRYPTED } from "../state/readState";

/** What the stacks' `ExclusiveCredentials` say, and which credentials those that are advised would have to list. */
export class Revocations {
  readonly #sides: Sides;
  /** By account. */
  readonly #guards: ReadonlyMap<string | undefined, Declared>;
  /** By credential. */
  readonly #listing: ReadonlyMap<string, Declared>;
  /** By account. */
  readonly #kept = new Map<string, string[]>();

  constructor(sides: Sides) {
    const { declarations, inventory } = sides;
    this.#sides = sides;
    const guards = declarations.kept("ExclusiveCredentials");
    this.#guards = new Map(guards.map((one) => [textOf(one.serviceAccountId), one]));
    const ids = ({ credentialIds }: Declared) => (credentialIds === ENCRYPTED ? [] : credentialIds);
    this.#listing = new Map(guards.flatMap((one) => ids(one).map((id) => [id, one])));
    const used = usedIds(sides);
    for (const { id, account } of inventory.credentials.values())
      if (used.has(id)) this.#kept.set(account.id, [...(this.#kept.get(account.id) ?? []), id]);
  }

  /** The statement that revokes it, or would if it did not list it. */
  guardOf({ id, account }: FoundCredential): Declared | undefined {
    return this.#listing.get(id) ?? this.#guards.get(account.id);
  }

  /** Whether somebody has said that it may be there. */
  isListed({ id }: FoundCredential): boolean {
    return this.#listing.has(id);
  }

  remedy(credential: FoundCredential): Remedy {
    const { account } = credential;
    const guard = this.guardOf(credential);
    if (guard && this.isListed(credential))
      return remedies.goOn("take it out of the list of its account's ExclusiveCredentials, and run", guard);
    if (guard) return remedies.repair("revoke it", guard);
    const keep = this.#kept.get(account.id) ?? [];
    return remedies.revokeOthers(account, keep, guardPlaceFor(account, this.#sides));
  }
}

/** IDs of what the stacks have, only read, or were about to take over: none of these is to be revoked. */
function usedIds({ declarations }: Sides): ReadonlySet<string | undefined> {
  return new Set([
    ...declarations.managed,
    ...declarations.readers().keys(),
    ...declarations.pending.map(({ resource }) => textOf(resource.adopt)),
  ]);
}
