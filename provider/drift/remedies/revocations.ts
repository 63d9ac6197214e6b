import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";
import type { Remedy } from "../report/finding";
import { plainValue } from "../state/declarations";
import type { Declarations, Declared } from "../state/declarations";
import { ENCRYPTED } from "../state/readState";
import type { ProposedNames } from "./proposedNames";
import * as remedies from "./remedies";

/** Finds out how an unmanaged credential can be revoked: by its account's `ExclusiveCredentials`, or by a new one. */
export class Revocations {
  /** The stacks' `ExclusiveCredentials`, by account ID. */
  readonly #byAccount: ReadonlyMap<string | undefined, Declared>;
  /** The stacks' `ExclusiveCredentials`, by the IDs of the credentials that they list. */
  readonly #byListedId: ReadonlyMap<string, Declared>;
  /** IDs of the credentials that a stack manages, reads, or was about to adopt. */
  readonly #usedIds = new Map<FoundAccount, string[]>();

  constructor(
    declarations: Declarations,
    inventory: Inventory,
    private readonly names: ProposedNames,
  ) {
    const { managedIds, readers, pending } = declarations;
    const exclusive = declarations.managed("ExclusiveCredentials");
    this.#byAccount = new Map(exclusive.map((one) => [plainValue(one.serviceAccountId), one]));
    const ids = ({ credentialIds }: Declared) => (credentialIds === ENCRYPTED ? [] : credentialIds);
    this.#byListedId = new Map(exclusive.flatMap((one) => ids(one).map((id) => [id, one])));
    const adopted = pending.map(({ resource }) => plainValue(resource.adopt));
    const used = new Set([...managedIds, ...readers.keys(), ...adopted]);
    for (const { id, account } of inventory.credentials.values())
      if (used.has(id)) this.#usedIds.set(account, [...(this.#usedIds.get(account) ?? []), id]);
  }

  /** Returns the `ExclusiveCredentials` that lists the credential, or that would revoke it. */
  exclusiveFor({ id, account }: FoundCredential): Declared | undefined {
    return this.#byListedId.get(id) ?? this.#byAccount.get(account.id);
  }

  isListed({ id }: FoundCredential): boolean {
    return this.#byListedId.has(id);
  }

  remedyFor(credential: FoundCredential): Remedy {
    const { account } = credential;
    const exclusive = this.exclusiveFor(credential);
    if (exclusive && this.isListed(credential))
      return remedies.run("remove it from its account's ExclusiveCredentials, then run", exclusive, "up");
    if (exclusive) return remedies.run("revoke it", exclusive, "up", "--refresh");
    const place = this.names.ofExclusive(account);
    return remedies.revokeUnlisted(account, this.#usedIds.get(account) ?? [], place);
  }
}
