import type { components } from "../generated/api";
import { badRequest } from "./errors";

/** Which page of a list is asked for. */
export interface PageQuery {
  limit: number;
  after?: string;
  before?: string;
}

/** A page's items, oldest first, and what a client needs to go on from it. */
export interface Page<T> {
  items: T[];
  page_info: components["schemas"]["PageInfo"];
}

interface Entry<T> {
  sequence: number;
  item: T;
}

/**
 * Items by ID and in the order in which they were added. A cursor is a place in that order, not an item, so that it outlives
 * the item that it was made for.
 *
 * @remarks Everything but a deletion costs at most the logarithm of the number of items; a deletion moves the items behind
 * it, which is one memory move.
 */
export class PagedCollection<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private readonly ordered: Entry<T>[] = [];
  private lastSequence = 0;

  /** @param id what a cursor is good for: cursors of one list are refused by all others */
  constructor(private readonly id: string) {}

  add(id: string, item: T): void {
    const entry = { sequence: ++this.lastSequence, item };
    this.entries.set(id, entry);
    this.ordered.push(entry);
  }

  get(id: string): T | undefined {
    return this.entries.get(id)?.item;
  }

  values(): T[] {
    return this.ordered.map(({ item }) => item);
  }

  delete(id: string): void {
    const entry = this.entries.get(id);
    if (entry === undefined) return;
    this.entries.delete(id);
    this.ordered.splice(this.countUpTo(entry.sequence) - 1, 1);
  }

  /**
   * @throws ApiError 400 when both directions are asked for, or a cursor is not one of this list's
   */
  page({ limit, after, before }: PageQuery): Page<T> {
    if (after !== undefined && before !== undefined) {
      throw badRequest("Give either `after` or `before`, not both.");
    }
    let [start, end] = [0, this.ordered.length];
    if (before !== undefined) {
      end = this.countUpTo(this.decode("before", before) - 1);
      start = Math.max(0, end - limit);
    } else {
      if (after !== undefined) start = this.countUpTo(this.decode("after", after));
      end = Math.min(end, start + limit);
    }
    return this.slice(start, end);
  }

  private slice(start: number, end: number): Page<T> {
    const entries = this.ordered.slice(start, end);
    const [first, last] = [entries.at(0), entries.at(-1)];
    return {
      items: entries.map(({ item }) => item),
      page_info: {
        has_next_page: end < this.ordered.length,
        has_prev_page: start > 0,
        ...(first && last && { start_cursor: this.encode(first), end_cursor: this.encode(last) }),
      },
    };
  }

  /** How many items have a sequence number of at most `sequence`: a binary search. */
  private countUpTo(sequence: number): number {
    let [low, high] = [0, this.ordered.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ordered[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private encode({ sequence }: Pick<Entry<T>, "sequence">): string {
    return Buffer.from(`${this.id}:${sequence}`).toString("base64url");
  }

  private decode(parameter: string, cursor: string): number {
    const sequence = Number(Buffer.from(cursor, "base64url").toString().split(":")[1]);
    // Encoding it again refuses whatever decodes to the same place without being the cursor that was given out.
    const known = Number.isInteger(sequence) && sequence >= 1 && sequence <= this.lastSequence;
    if (known && cursor === this.encode({ sequence })) return sequence;
    throw badRequest(
      `\`${parameter}\` must be a cursor that this list gave: a page's start_cursor or end_cursor.`,
    );
  }
}
