/** Milliseconds since 1970 that no clock shows which is any good. */
const NEVER = Date.UTC(9000, 0);

/** The server's clock, as its answers tell it. */
export class ServerClock {
  #told: { time: number; asked: number; at: number } | undefined;

  /** Notes the `Date` of an answer that has just come to what was asked at that time of `performance.now()`. */
  note(date: string | null, asked: number): void {
    const time = date === null ? NaN : Date.parse(date);
    if (time < NEVER) this.#told = { time, asked, at: performance.now() };
  }

  /**
   * Milliseconds since 1970; `undefined` as long as no answer has told it. It is never ahead of the server's clock, and behind it
   * by the time that an answer took, and by up to a second, which is all that `Date` tells.
   */
  now(): number | undefined {
    return this.#told && this.#told.time + performance.now() - this.#told.at;
  }

  /** The same, but never behind the server's clock. */
  latest(): number | undefined {
    return this.#told && this.#told.time + 1000 + performance.now() - this.#told.asked;
  }
}
