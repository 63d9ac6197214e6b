/** Later timestamps are rejected as implausible. */
const MAX_TIME = Date.UTC(9000, 0);

/** The server's clock, by the `Date` headers of its responses. */
export class ServerClock {
  #last: { time: number; sent: number; received: number } | undefined;

  /** Records the `Date` of a response that has just arrived; `sent` is the time of `performance.now()` before its request. */
  record(date: string | null, sent: number): void {
    const time = date === null ? NaN : Date.parse(date);
    if (time < MAX_TIME) this.#last = { time, sent, received: performance.now() };
  }

  /**
   * Returns milliseconds since 1970, `undefined` before the first response. Never ahead of the server's clock; behind it by the
   * time that the response took, and by up to a second, the resolution of `Date`.
   */
  earliest(): number | undefined {
    return this.#last && this.#last.time + performance.now() - this.#last.received;
  }

  /** Returns milliseconds since 1970, `undefined` before the first response. Never behind the server's clock. */
  latest(): number | undefined {
    return this.#last && this.#last.time + 1000 + performance.now() - this.#last.sent;
  }
}
