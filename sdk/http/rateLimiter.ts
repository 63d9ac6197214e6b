import { APIError, RateLimitError } from "../errors";
import type { Logger } from "./log";
import { inWords } from "./request";
import type { SecretRequest } from "./request";
import { exceedsMaxRetryAfter, BACKOFF, MAX_RETRY_AFTER } from "./retry";
import { failureOf } from "./transport";

/**
 * By how much a request that gets through lets more be under way at once: ten of them make up for one place. Much
 * more, and in the second before the next refusal all that the last one taught would be forgotten.
 */
const GROWTH = 0.1;

/**
 * Milliseconds without any request getting through after which refusals count against `maxRetries` even where many calls
 * were under way. Two of the longest waits fit in.
 */
const PATIENCE = 2 * MAX_RETRY_AFTER * 1000;

interface Waiter {
  /** Makes its request. */
  readonly start: () => void;
  /** Ends its wait with an error. */
  readonly refuse: (refusal: RateLimitError) => void;
}

/**
 * What all requests to one endpoint go through, so that they obey its rate limit together: only so many are under way at once,
 * and what the server says to one of them with status 429 holds for all.
 */
export class Pace {
  // First those that were sent before, or that others wait for.
  readonly #waiting = { urgent: new Set<Waiter>(), others: new Set<Waiter>() };
  readonly #most: number;
  /** How many may be under way, learnt from refusals; a fraction is on its way to one more. */
  #allowance: number;
  #underWay = 0;
  /** Nothing is sent before; these are times of `performance.now()`. */
  #resumeAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Counts the pauses: what was refused together, one pause ends. */
  #round = 0;
  #backoff = BACKOFF.next();
  /** Since when every answer has been a refusal. */
  #refusedSince: number | undefined;
  /** When there was last more than one request under way or waiting. */
  #crowdedAt = -Infinity;
  /** The refusal that asks for a longer wait than anybody here waits for. */
  #closedBy: RateLimitError | undefined;
  /** Tells of the pause, once somebody waits for its end. */
  #announce: (() => void) | undefined;

  /** @param most requests under way at once */
  constructor(most: number) {
    this.#most = most;
    this.#allowance = most;
  }

  /**
   * Whether a refusal is to be expected, and says nothing about the one call that met it: there are or were just now many at
   * once, and the server lets some through.
   */
  get patient(): boolean {
    const now = performance.now();
    return now - this.#crowdedAt < PATIENCE && now - (this.#refusedSince ?? now) < PATIENCE;
  }

  /**
   * Makes a request when it is its turn. The request's signal ends the wait.
   * @throws {RateLimitError} without a status, when the wait is given up and nothing was sent
   */
  async send<T>(request: SecretRequest, log: Logger, work: () => Promise<T>): Promise<T> {
    const { signal } = request;
    signal?.throwIfAborted();
    if (this.#underWay === 0 && !this.#waits() && performance.now() > this.#resumeAt) this.#calm();
    return new Promise((resolve, reject) => {
      const queue = this.#waiting[request.urgent ? "urgent" : "others"];
      const leave = () => {
        queue.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const abort = () => {
        leave();
        reject(signal?.reason);
        this.#go();
      };
      const waiter: Waiter = {
        start: () => {
          leave();
          resolve(this.#make(log, work));
        },
        refuse: (refusal) => {
          leave();
          reject(unsent(request, refusal));
        },
      };
      queue.add(waiter);
      signal?.addEventListener("abort", abort);
      this.#go();
    });
  }

  async #make<T>(log: Logger, work: () => Promise<T>): Promise<T> {
    const round = this.#round;
    this.#underWay++;
    try {
      const answer = await work();
      this.#letThrough();
      return answer;
    } catch (error) {
      if (error instanceof RateLimitError) this.#refused(error, round, log);
      else if (error instanceof APIError && (error.status ?? 500) < 500) this.#letThrough();
      throw error;
    } finally {
      this.#underWay--;
      this.#go();
    }
  }

  /** Lets go who may, or sees to it that this happens later. */
  #go(): void {
    clearTimeout(this.#timer);
    const wait = this.#resumeAt - performance.now();
    if (wait <= 0) {
      this.#start();
    } else if (this.#closedBy) {
      this.#refuseAll(this.#closedBy);
    } else if (this.#waits()) {
      // Only then: a timer keeps a process from ending.
      this.#timer = setTimeout(() => this.#go(), wait);
      const announce = this.#announce;
      this.#announce = undefined;
      announce?.();
    }
  }

  #start(): void {
    this.#closedBy = undefined;
    for (const waiter of this.#queue()) {
      if (this.#underWay + 1 > this.#allowance) break;
      waiter.start();
    }
    if (this.#underWay > 1 || this.#waits()) this.#crowdedAt = performance.now();
  }

  #letThrough(): void {
    this.#allowance = Math.min(this.#most, this.#allowance + GROWTH);
    this.#calm();
  }

  /** A refusal after this, or after nothing was to be sent for a while, is no repeated one. */
  #calm(): void {
    this.#backoff = BACKOFF.next();
    this.#refusedSince = undefined;
  }

  #refused(error: RateLimitError, round: number, log: Logger): void {
    const now = performance.now();
    const { retryAfter } = error;
    let wait = (retryAfter ?? 0) * 1000;
    if (round === this.#round) {
      this.#round++;
      this.#allowance = Math.max(1, this.#allowance / 2);
      // A server that refuses again, although nobody came before the time it said, gets more time than it asks for.
      if (retryAfter === undefined || this.#refusedSince !== undefined) {
        wait = Math.max(wait, this.#backoff.duration);
        this.#backoff = this.#backoff.next(undefined);
      }
      this.#announce = () =>
        log.info(`${error.message}; all calls wait, next attempt in ${Math.round(wait)} ms`);
      this.#refusedSince ??= now;
      if (now - this.#refusedSince >= PATIENCE) this.#refuseAll(error);
    }
    if (exceedsMaxRetryAfter(error)) this.#closedBy = error;
    // Never at once: who was refused is to be back in the queue before anybody goes.
    const pause = Math.max(1, Math.min(wait, MAX_RETRY_AFTER * 1000));
    this.#resumeAt = Math.max(this.#resumeAt, now + pause);
  }

  #refuseAll(refusal: RateLimitError): void {
    for (const waiter of this.#queue()) waiter.refuse(refusal);
  }

  #waits(): boolean {
    return this.#waiting.urgent.size + this.#waiting.others.size > 0;
  }

  *#queue(): Generator<Waiter> {
    yield* this.#waiting.urgent;
    yield* this.#waiting.others;
  }
}

function unsent(request: SecretRequest, refusal: RateLimitError): RateLimitError {
  const { retryAfter } = refusal;
  return new RateLimitError(
    { ...failureOf(request), ...(retryAfter === undefined ? {} : { retryAfter }) },
    `not sent, since calls are being refused: ${inWords(refusal)}`,
  );
}
