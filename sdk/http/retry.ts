import { setTimeout as sleep } from "node:timers/promises";
import { ExponentialBackoff, halfJitterGenerator } from "cockatiel";
import {
  APIConnectionError,
  APIError,
  APIUserAbortError,
  MalformedResponseError,
  RateLimitError,
} from "../errors";
import type { Pace } from "./rateLimiter";

/** Half a second, then twice as long each time up to 8 s, of which up to a half is left out at random. */
export const BACKOFF = new ExponentialBackoff({
  initialDelay: 500,
  maxDelay: 8_000,
  generator: halfJitterGenerator,
});

/** Seconds. Whoever asks for a longer wait is not waited for: the caller is told instead. */
export const MAX_RETRY_AFTER = 60;

/** Failures before a request could be sent: connection refused, name not resolved. */
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Whether the server may have done what a failed call asked for. */
export function mayHaveActed(error: unknown): boolean {
  if (error instanceof APIConnectionError) return !UNSENT.has(error.code ?? "");
  return error instanceof APIError && (error.status === 408 || (error.status ?? 0) >= 500);
}

/** Whether the server asks to wait so long that the caller is told instead. */
export function exceedsMaxRetryAfter(error: unknown): boolean {
  return error instanceof APIError && (error.retryAfter ?? 0) > MAX_RETRY_AFTER;
}

/** Whether to make a failed call again: `idempotent` tells that acting twice does not harm. */
export function shouldRetry(error: unknown, idempotent: boolean): boolean {
  if (!(error instanceof APIError) || exceedsMaxRetryAfter(error)) return false;
  if (error instanceof APIUserAbortError || error instanceof MalformedResponseError) return false;
  if (error instanceof RateLimitError) return true;
  if (error instanceof APIConnectionError && !mayHaveActed(error)) return true;
  return idempotent && mayHaveActed(error);
}

/** How to repeat. */
export interface Repeats {
  /** Most repeats after the first attempt. */
  readonly maxRetries: number;
  readonly signal: AbortSignal | undefined;
  /** What the attempts go through, where they may be refused. It is there that they wait then, with all others. */
  readonly pace?: Pace;
  /** Whether to make it again after this error. */
  readonly when: (error: unknown) => boolean;
  /** Told before each wait, in milliseconds. */
  readonly onWait: (error: unknown, wait: number) => void;
}

/**
 * Makes an attempt, and again as long as it fails in a way that `when` lets pass. Waits as the server asks,
 * or longer each time. Refusals that many calls at once brought about do not count.
 */
export async function repeat<T>(attempt: () => Promise<T>, repeats: Repeats): Promise<T> {
  const { maxRetries, signal, pace, when, onWait } = repeats;
  let backoff = BACKOFF.next();
  for (let failures = 0; ;) {
    try {
      return await attempt();
    } catch (error) {
      if (!when(error)) throw error;
      const refused = error instanceof RateLimitError;
      if (!(refused && pace?.patient) && ++failures > maxRetries) throw error;
      if (refused) continue;
      const asked = error instanceof APIError ? error.retryAfter : undefined;
      const milliseconds = asked === undefined ? backoff.duration : asked * 1000;
      backoff = backoff.next(undefined);
      onWait(error, milliseconds);
      await sleep(milliseconds, undefined, { signal });
    }
  }
}
