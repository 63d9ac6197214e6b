import { setTimeout as sleep } from "node:timers/promises";
import { APIError, APIUserAbortError, MalformedResponseError, RateLimitError } from "../errors";
import type { Logger } from "./log";

/** Seconds. A server that asks for a longer wait ends the call with an error. */
export const MAX_RETRY_AFTER = 60;

/**
 * Returns the wait in milliseconds after this many consecutive failures, counted from 1: exponential backoff from 0.5 to 8 seconds,
 * shortened by a random part of up to a half.
 */
export function backoff(failures: number): number {
  return Math.min(8_000, 500 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

/** Reports whether the server asks for a longer wait than a call waits. */
export function exceedsMaxRetryAfter(error: unknown): boolean {
  return error instanceof APIError && (error.retryAfter ?? 0) > MAX_RETRY_AFTER;
}

/** Reports whether to retry after a failed attempt. `idempotent` calls may reach the server twice. */
function shouldRetry(error: unknown, idempotent: boolean): error is APIError {
  if (!(error instanceof APIError) || exceedsMaxRetryAfter(error)) return false;
  if (error instanceof APIUserAbortError || error instanceof MalformedResponseError) return false;
  if (error instanceof RateLimitError || error.outcome === "not-sent") return true;
  return idempotent && error.outcome === "unknown";
}

interface RetryOptions {
  /** Retries after the first attempt, at most. */
  readonly maxRetries: number;
  /** True if attempts may reach the server twice. */
  readonly idempotent: boolean;
  /** Ends a wait between attempts. */
  readonly signal?: AbortSignal | undefined;
  readonly rateLimiter: { readonly isPatient: boolean };
  readonly log: Logger;
}

/**
 * Calls `attempt` until it succeeds, its error cannot be retried, or `maxRetries` is used up. Waits as long as the server asks
 * (`Retry-After`), else by exponential backoff. A status 429 does not count as a retry while the rate limiter is patient, and causes no wait
 * here, since the rate limiter makes the next attempt wait.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { maxRetries, idempotent, signal, rateLimiter, log } = options;
  for (let retries = 0; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (!shouldRetry(error, idempotent) || maxRetries === 0) throw error;
      if (error instanceof RateLimitError) {
        if (!rateLimiter.isPatient) throw error;
        continue;
      }
      if (++retries > maxRetries) throw error;
      const wait = error.retryAfter === undefined ? backoff(retries) : error.retryAfter * 1000;
      log.info(`${error.message}; next attempt in ${Math.round(wait)} ms`);
      await sleep(wait, undefined, { signal });
    }
  }
}
