import { hash, newSecret } from "./ids";
import type { Client, Store } from "./store";

interface Token {
  client: Client;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The access tokens that were given out, kept by their hash. */
export class Tokens {
  // In the order of their expiry, since all but the first, which has none, live equally long.
  private readonly tokens = new Map<string, Token>();

  /** @param lifetime in seconds */
  constructor(
    private readonly store: Store,
    readonly lifetime: number,
  ) {}

  /** A new token that expires. */
  issue(client: Client): string {
    this.forgetExpired();
    return this.add(client, Date.now() + this.lifetime * 1000);
  }

  /** A new token that never expires: a ready-made API key. */
  issueForever(client: Client): string {
    return this.add(client, Infinity);
  }

  /** Whose token this is; undefined when it is unknown or expired, or its client has been deleted. */
  find(token: string): Client | undefined {
    const found = this.tokens.get(key(token));
    if (!found || found.expiresAt <= Date.now() || !this.store.has(found.client)) return undefined;
    return found.client;
  }

  private add(client: Client, expiresAt: number): string {
    const token = newSecret();
    this.tokens.set(key(token), { client, expiresAt });
    return token;
  }

  private forgetExpired(): void {
    const now = Date.now();
    for (const [hashed, { expiresAt }] of this.tokens) {
      if (expiresAt <= now) this.tokens.delete(hashed);
      else if (expiresAt !== Infinity) break;
    }
  }
}

const key = (token: string): string => hash(token).toString("base64");
