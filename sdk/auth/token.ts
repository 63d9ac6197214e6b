import { untilAborted } from "../http/abort";

/** An access token. */
export interface Token {
  readonly value: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** Milliseconds before a token expires in which it is no longer used, so that a slow call still gets through. */
const MARGIN = 30_000;

/** Caches the access token of one client ID at one endpoint. Calls that need a new token share one token request. */
export class TokenSource {
  #current: { value: string; renewAt: number } | undefined;
  #pending: Promise<string> | undefined;

  /** Returns the cached token or one from `signIn`. An abort ends only this caller's wait: others may wait for the same request. */
  get(signIn: () => Promise<Token>, signal: AbortSignal | undefined): Promise<string> {
    if (this.#current && Date.now() < this.#current.renewAt) return Promise.resolve(this.#current.value);
    this.#pending ??= this.#renew(signIn).finally(() => (this.#pending = undefined));
    return untilAborted(this.#pending, signal);
  }

  /** Removes a token from the cache, unless a newer one has replaced it. */
  invalidate(token: string): void {
    if (this.#current?.value === token) this.#current = undefined;
  }

  async #renew(signIn: () => Promise<Token>): Promise<string> {
    const requestedAt = Date.now();
    const { value, lifetime } = await signIn();
    this.#current = { value, renewAt: requestedAt + lifetime - Math.min(MARGIN, lifetime / 4) };
    return value;
  }
}
