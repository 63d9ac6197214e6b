/** Returns the same text for the same IDs, in any order. */
export function idSetKey(ids: readonly string[]): string {
  return JSON.stringify([...new Set(ids)].sort());
}

/** The lists of credentials that a program declares with `ExclusiveCredentials`, by account. */
export class ExclusiveLists {
  readonly #lists = new Map<string, Set<string>>();

  /** Records a list. Returns false if the program declares another one for the account: each would revoke what the other one lists. */
  isConsistent(serviceAccountId: string, credentialIds: readonly string[]): boolean {
    const lists = this.#lists.get(serviceAccountId) ?? new Set();
    this.#lists.set(serviceAccountId, lists.add(idSetKey(credentialIds)));
    return lists.size === 1;
  }
}
