import { APIError, RateLimitError } from "../errors";
import type { Logger } from "./log";
import { formatFailure } from "./response";
import { MAX_RETRY_AFTER, backoff, exceedsMaxRetryAfter } from "./retry";
import { failureOf } from "./transport";
import type { HttpRequest } from "./transport";

/**
 * How much each success raises the limit: ten successes allow one more concurrent request. If it grew much faster, one second without a
 * refusal would undo the halving.
 */
const GROWTH = 0.1;

/** Milliseconds without any success after which calls give up: twice the longest wait that a server may ask for. */
const PATIENCE = 2 * MAX_RETRY_AFTER * 1000;

interface Waiter {
  /** Lets its request start. */
  readonly start: () => void;
  /** Ends its wait with an error. */
  readonly refuse: (refusal: RateLimitError) => void;
}

type Queued = Pick<HttpRequest, "method" | "path" | "requestId" | "signal" | "urgent" | "attempt">;

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
  /** Consecutive refusals after which the client chose the wait itself. */
  #refusals = 0;
  /** Time of the first refusal since the last success. */
  #refusedSince: number | undefined;
  /** The refusal that asks for a longer wait than calls wait. */
  #closedBy: RateLimitError | undefined;
  /** Logs the pause, once a request waits for its end. */
  #announce: (() => void) | undefined;

  constructor(maxConcurrency: number) {
    this.#maxConcurrency = maxConcurrency;
    this.#limit = maxConcurrency;
  }

  /** Reports whether a refused request is to be sent again: the server has let one through in the last two minutes, or not refused any yet. */
  get isPatient(): boolean {
    return performance.now() - (this.#refusedSince ?? Infinity) < PATIENCE;
  }

  /**
   * Runs `work`, which sends the request, when it is the request's turn. The request's signal ends the wait.
   *
   * @throws {RateLimitError} without a status, if the wait is given up and nothing was sent
   */
  async run<T>(request: Queued, log: Logger, work: () => Promise<T>): Promise<T> {
    request.signal?.throwIfAborted();
    const isFirst = request.attempt === 1 && this.#running === 0 && !this.#hasQueue();
    if (isFirst && performance.now() > this.#resumeAt) this.#forgetRefusals();
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
    else if (this.#closedBy) for (const waiter of this.#queued()) waiter.refuse(this.#closedBy);
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
      if (now - this.#refusedSince >= PATIENCE) for (const waiter of this.#queued()) waiter.refuse(error);
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
    `not sent, because the server keeps rejecting calls: ${formatFailure(refusal)}`,
  );
}
