import { setTimeout as sleep } from "node:timers/promises";
import type { APIError } from "../../sdk";
import { asksTooMuch, BACKOFF } from "../../sdk/retry";

/** Waits before creates that are repeated, as long as the client would. */
export class Backoff {
  #next = BACKOFF.next();

  /** Waits as the server asks, or longer each time; returns false if the server asks for too long a wait. */
  async wait(error: APIError): Promise<boolean> {
    if (asksTooMuch(error)) return false;
    await sleep(error.retryAfter === undefined ? this.#next.duration : error.retryAfter * 1000);
    this.#next = this.#next.next(undefined);
    return true;
  }
}
