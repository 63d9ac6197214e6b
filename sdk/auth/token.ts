import { untilAborted } from "../http/abort";

/** A token, and how long it lives. */
export interface Token {
  readonly value: string;
  /** Milliseconds. */
  readonly lifetime: number;
}

/**
 * Milliseconds before a token expires from which on it isn't used any more: a call that takes a while still
 * gets through.
 */
const MARGIN = 30_000;

/**
 * The access token of one pair of ID and secret at one endpoint: asked for when needed, by one request at a
 * time.
 */
export class TokenSource {
  #current: { value: string; renewAt: number } | undefined;
  #pending: Promise<string> | undefined;

  /**
   * The token, by `signIn` if there is no good one. An abort ends this wait only: others may be waiting too.
   */
  get(signIn: () => Promise<Token>, signal: AbortSignal | undefined): Promise<string> {
    if (this.#current && Date.now() < this.#current.renewAt) return Promise.resolve(this.#current.value);
    this.#pending ??= this.#renew(signIn).finally(() => (this.#pending = undefined));
    return untilAborted(this.#pending, signal);
  }

  /** Never to be given out again, unless it has been replaced already. */
  invalidate(token: string): void {
    if (this.#current?.value === token) this.#current = undefined;
  }

  async #renew(signIn: () => Promise<Token>): Promise<string> {
    const asked = Date.now();
    const { value, lifetime } = await signIn();
    this.#current = { value, renewAt: asked + lifetime - Math.min(MARGIN, lifetime / 4) };
    return value;
  }
}
