import { hash } from "./ids";
import type { Client } from "./state";
import type { Store } from "./store";

/** The access tokens that are given out. */
export class Tokens {
  /** @param lifetime in seconds */
  constructor(
    private readonly store: Store,
    readonly lifetime: number,
  ) {}

  /** A new token that expires. */
  issue(client: Client): string {
    this.forgetExpired();
    return this.store.addToken(client, Date.now() + this.lifetime * 1000);
  }

  /** A new token that never expires: a ready-made API key. */
  issueForever(client: Client): string {
    return this.store.addToken(client);
  }

  /** Whose token this is; undefined when it is unknown or expired, or its client has been deleted. */
  find(token: string): Client | undefined {
    const { state } = this.store;
    const found = state.tokens.get(hash(token));
    return found && state.bearer(found);
  }

  /** Tokens mostly expire in the order in which they were issued; one that does not waits for those before it. */
  private forgetExpired(): void {
    const { tokens } = this.store.state;
    for (const [hashed, { expiresAt = Infinity }] of tokens) {
      if (expiresAt <= Date.now()) tokens.delete(hashed);
      else if (expiresAt !== Infinity) break;
    }
  }
}
