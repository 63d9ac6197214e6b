import { APIError, RateLimitError } from "../errors";
import type { Logger } from "./log";
import { formatFailure } from "./response";
import { MAX_RETRY_AFTER, backoff, exceedsMaxRetryAfter } from "./retry";
import { failureOf } from "./transport";
import type { HttpRequest } from "./transport";

/**
 * Concurrency that a request which gets through adds to the limit: ten of them make up for one place. With much more, the
 * second before the next refusal would undo all that the last one taught.
 */
const GROWTH = 0.1;

/**
 * Milliseconds without any success after which refusals count against `maxRetries` even with many calls at once. Two of the
 * longest waits fit in.
 */
const PATIENCE = 2 * MAX_RETRY_AFTER * 1000;

interface Waiter {
  /** Lets its request start. */
  readonly start: () => void;
  /** Ends its wait with an error. */
  readonly refuse: (refusal: RateLimitError) => void;
}

type Queued = Pick<HttpRequest, "method" | "path" | "requestId" | "signal" | "urgent">;

/**
 * Makes all requests to one endpoint obey its rate limit together: it bounds how many are under way, and a status 429 to one
 * of them pauses all. The bound halves with each refusal and grows with each success.
 */
export class AdaptiveRateLimiter {
  readonly #queues = { urgent: new Set<Waiter>(), others: new Set<Waiter>() };
  readonly #maxConcurrency: number;
  /** Requests that may be under way; a fraction is on its way to one more. */
  #limit: number;
  #running = 0;
  /** Nothing starts before this time of `performance.now()`. */
  #resumeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Counts the pauses: refusals to requests of the same round cause one pause. */
  #round = 0;
  /** Refusals in a row whose wait was ours to choose. */
  #refusals = 0;
  /** Time of the first refusal since the last success. */
  #refusedSince: number | undefined;
  /** Time when more than one request was last under way or queued. */
  #crowdedAt = -Infinity;
  /** The refusal that asks for a longer wait than calls wait. */
  #closedBy: RateLimitError | undefined;
  /** Logs the pause, once a request waits for its end. */
  #announce: (() => void) | undefined;

  constructor(maxConcurrency: number) {
    this.#maxConcurrency = maxConcurrency;
    this.#limit = maxConcurrency;
  }

  /**
   * Reports whether a refusal is expected, and due to no fault of the call that meets it: many calls are or were just now
   * under way, and the server lets some through.
   */
  get expectsRefusals(): boolean {
    const now = performance.now();
    return now - this.#crowdedAt < PATIENCE && now - (this.#refusedSince ?? now) < PATIENCE;
  }

  /**
   * Runs `work`, which sends the request, when it is the request's turn. The request's signal ends the wait.
   *
   * @throws {RateLimitError} without a status, if the wait is given up and nothing was sent
   */
  async run<T>(request: Queued, log: Logger, work: () => Promise<T>): Promise<T> {
    request.signal?.throwIfAborted();
    if (this.#running === 0 && !this.#hasQueue() && performance.now() > this.#resumeAt)
      this.#forgetRefusals();
    const round = await this.#turn(request);
    try {
      const result = await work();
      this.#recordSuccess();
      return result;
    } catch (error) {
      if (error instanceof RateLimitError) this.#recordRefusal(error, round, log);
      else if (error instanceof APIError && (error.status ?? 500) < 500) this.#recordSuccess();
      throw error;
    } finally {
      this.#running--;
      this.#proceed();
    }
  }

  /** Resolves when the request may start, with the number of the round. */
  #turn(request: Queued): Promise<number> {
    const { signal, urgent } = request;
    const queue = this.#queues[urgent ? "urgent" : "others"];
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => {
        leave();
        reject(signal?.reason);
        this.#proceed();
      };
      const waiter: Waiter = {
        start: () => {
          leave();
          this.#running++;
          resolve(this.#round);
        },
        refuse: (refusal) => {
          leave();
          reject(notSent(request, refusal));
        },
      };
      queue.add(waiter);
      signal?.addEventListener("abort", abort);
      this.#proceed();
    });
  }

  /** Starts or refuses queued requests, or schedules that for the end of the pause. */
  #proceed(): void {
    clearTimeout(this.#timer);
    const wait = this.#resumeAt - performance.now();
    if (wait <= 0) this.#startQueued();
    else if (this.#closedBy) this.#refuseQueued(this.#closedBy);
    else if (this.#hasQueue()) {
      // Only now: a timer keeps the process alive.
      this.#timer = setTimeout(() => this.#proceed(), wait);
      this.#announce?.();
      this.#announce = undefined;
    }
  }

  #startQueued(): void {
    this.#closedBy = undefined;
    for (const waiter of this.#queued()) {
      if (this.#running + 1 > this.#limit) break;
      waiter.start();
    }
    if (this.#running > 1 || this.#hasQueue()) this.#crowdedAt = performance.now();
  }

  #refuseQueued(refusal: RateLimitError): void {
    for (const waiter of this.#queued()) waiter.refuse(refusal);
  }

  #recordSuccess(): void {
    this.#limit = Math.min(this.#maxConcurrency, this.#limit + GROWTH);
    this.#forgetRefusals();
  }

  #forgetRefusals(): void {
    this.#refusals = 0;
    this.#refusedSince = undefined;
  }

  #recordRefusal(error: RateLimitError, round: number, log: Logger): void {
    const now = performance.now();
    const asked = error.retryAfter === undefined ? undefined : error.retryAfter * 1000;
    let wait = asked ?? 0;
    if (round === this.#round) {
      this.#round++;
      this.#limit = Math.max(1, this.#limit / 2);
      // A server that refuses again after the time it asked for gets more time than it asks for.
      if (asked === undefined || this.#refusedSince !== undefined)
        wait = Math.max(wait, backoff(++this.#refusals));
      this.#announce = () =>
        log.info(`${error.message}; all calls wait, next attempt in ${Math.round(wait)} ms`);
      this.#refusedSince ??= now;
      if (now - this.#refusedSince >= PATIENCE) this.#refuseQueued(error);
    }
    if (exceedsMaxRetryAfter(error)) this.#closedBy = error;
    // At least 1 ms, so that the refused call is back in the queue before others start.
    const pause = Math.max(1, Math.min(wait, MAX_RETRY_AFTER * 1000));
    this.#resumeAt = Math.max(this.#resumeAt, now + pause);
  }

  #hasQueue(): boolean {
    return this.#queues.urgent.size + this.#queues.others.size > 0;
  }

  *#queued(): Generator<Waiter> {
    yield* this.#queues.urgent;
    yield* this.#queues.others;
  }
}

function notSent(request: Queued, refusal: RateLimitError): RateLimitError {
  const { retryAfter } = refusal;
  return new RateLimitError(
    { ...failureOf(request, "not-sent"), ...(retryAfter === undefined ? {} : { retryAfter }) },
    `not sent, since the server is refusing calls: ${formatFailure(refusal)}`,
  );
}
