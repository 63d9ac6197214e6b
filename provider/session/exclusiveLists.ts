/** The lists of credentials that a program declares with `ExclusiveCredentials`, by account. */
export class ExclusiveLists {
  readonly #lists = new Map<string, Set<string>>();

  /** Returns "conflict" if the program declares different lists for one account: each would revoke what the other one lists. */
  declare(serviceAccountId: string, credentialIds: readonly string[]): "ok" | "conflict" {
    const lists = this.#lists.get(serviceAccountId) ?? new Set();
    this.#lists.set(serviceAccountId, lists.add(JSON.stringify([...new Set(credentialIds)].sort())));
    return lists.size > 1 ? "conflict" : "ok";
  }
}
