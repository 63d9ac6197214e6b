/** How often a run came to the hard cases: one that never does proves nothing. */
export class Statistics {
  private readonly counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  toString(): string {
    return [...this.counts]
      .map(([what, count]) => `${count} ${what}`)
      .sort()
      .join(", ");
  }
}
