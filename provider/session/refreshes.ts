/**
 * Tells the `diff` of a refresh from that of an update: Pulumi calls `read` before the one, and `check` before the other, and an
 * update with `--refresh` does both.
 */
export class Refreshes {
  readonly #read = new Set<string>();
  readonly #checked = new Set<string>();

  recordRead(id: string): void {
    this.#read.add(id);
  }

  recordCheck(inputs: object): void {
    this.#checked.add(keyOf(inputs));
  }

  /** Returns true for the first `diff` after a `read`, unless these inputs have been checked since. */
  isRefresh(id: string, inputs: object): boolean {
    return this.#read.delete(id) && !this.#checked.has(keyOf(inputs));
  }
}

function keyOf(inputs: object): string {
  const own = Object.entries(inputs).filter(([property]) => !property.startsWith("__"));
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}
