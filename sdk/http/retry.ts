import { setTimeout as sleep } from "node:timers/promises";
import { APIError, APIUserAbortError, MalformedResponseError, RateLimitError } from "../errors";

/** Seconds. A server that asks for a longer wait ends the call with an error. */
export const MAX_RETRY_AFTER = 60;

/**
 * Returns the milliseconds to wait after that many failures in a row, counted from 1: exponential backoff from 0.5 to 8
 * seconds, of which a random part of up to a half is left out.
 */
export function backoff(failures: number): number {
  return Math.min(8_000, 500 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

/** Reports whether the server asks for a longer wait than a call waits. */
export function exceedsMaxRetryAfter(error: unknown): boolean {
  return error instanceof APIError && (error.retryAfter ?? 0) > MAX_RETRY_AFTER;
}

/** Reports whether to retry after a failed attempt. `idempotent` calls may reach the server twice. */
export function shouldRetry(error: unknown, idempotent: boolean): boolean {
  if (!(error instanceof APIError) || exceedsMaxRetryAfter(error)) return false;
  if (error instanceof APIUserAbortError || error instanceof MalformedResponseError) return false;
  if (error instanceof RateLimitError || error.outcome === "not-sent") return true;
  return idempotent && error.outcome === "unknown";
}

/** How `retry` proceeds. */
export interface RetryOptions {
  /** Retries after the first attempt, at most. */
  readonly maxRetries: number;
  /** Ends a wait between attempts. */
  readonly signal?: AbortSignal | undefined;
  /** Decides whether to retry after this error. */
  readonly shouldRetry: (error: unknown) => boolean;
  /** Reports whether a status 429 is expected now, and therefore does not count as one of `maxRetries`. */
  readonly expectsRateLimit?: () => boolean;
  /** Receives each error that is retried, and the wait in milliseconds. */
  readonly onWait?: (error: unknown, wait: number) => void;
}

/**
 * Calls `attempt` until it succeeds, `shouldRetry` rejects its error, or `maxRetries` is used up. Waits as long as the
 * server asks (`Retry-After`), else by exponential backoff; after a status 429 not at all, since the rate limiter makes
 * the next attempt wait.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { maxRetries, signal, shouldRetry, expectsRateLimit, onWait } = options;
  let [retries, waits] = [0, 0];
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!shouldRetry(error)) throw error;
      const limited = error instanceof RateLimitError;
      if (!(limited && expectsRateLimit?.()) && ++retries > maxRetries) throw error;
      if (limited) continue;
      const { retryAfter = undefined } = error instanceof APIError ? error : {};
      const wait = backoff(++waits);
      const milliseconds = retryAfter === undefined ? wait : retryAfter * 1000;
      onWait?.(error, milliseconds);
      await sleep(milliseconds, undefined, { signal });
    }
  }
}
