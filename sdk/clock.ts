/** The server's clock, as its answers tell it. */
export class ServerClock {
  #told: { time: number; at: number } | undefined;

  /** Notes the `Date` of an answer that has just come. */
  note(date: string | null): void {
    const time = date === null ? NaN : Date.parse(date);
    if (!Number.isNaN(time)) this.#told = { time, at: performance.now() };
  }

  /**
   * Milliseconds since 1970; `undefined` as long as no answer has told it. It is never ahead of the server's clock, and behind it
   * by the time that an answer took, and by up to a second, which is all that `Date` tells.
   */
  now(): number | undefined {
    return this.#told && this.#told.time + performance.now() - this.#told.at;
  }
}
