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

/** Something that has its place in the order of creation. */
interface Item {
  readonly sequence: number;
}

/**
 * Items by ID and in the order of creation, in which they are added. A cursor is a place in that order, not an item, so that
 * it outlives the item that it was made for.
 *
 * @remarks Everything but a deletion costs at most the logarithm of the number of items; a deletion moves the items behind
 * it, which is one memory move.
 */
export class PagedCollection<T extends Item> {
  private readonly items = new Map<string, T>();
  private readonly ordered: T[] = [];

  /**
   * @param id what a cursor is good for: cursors of one list are refused by all others
   * @param sequence the last place that was given away; several lists may share it
   */
  constructor(
    private readonly id: string,
    private readonly sequence: { last: number },
  ) {}

  add(id: string, item: T): void {
    this.sequence.last = Math.max(this.sequence.last, item.sequence);
    this.items.set(id, item);
    this.ordered.push(item);
  }

  get(id: string): T | undefined {
    return this.items.get(id);
  }

  values(): readonly T[] {
    return this.ordered;
  }

  delete(id: string): void {
    const item = this.items.get(id);
    if (item === undefined) return;
    this.items.delete(id);
    this.ordered.splice(this.countUpTo(item.sequence) - 1, 1);
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
    const items = this.ordered.slice(start, end);
    const [first, last] = [items.at(0), items.at(-1)];
    return {
      items,
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

  private encode({ sequence }: Item): string {
    return Buffer.from(`${this.id}:${sequence}`).toString("base64url");
  }

  private decode(parameter: string, cursor: string): number {
    const sequence = Number(Buffer.from(cursor, "base64url").toString().split(":")[1]);
    // Encoding it again refuses whatever decodes to the same place without being the cursor that was given out.
    const known = Number.isInteger(sequence) && sequence >= 1 && sequence <= this.sequence.last;
    if (known && cursor === this.encode({ sequence })) return sequence;
    throw badRequest(
      `\`${parameter}\` must be a cursor that this list gave: a page's start_cursor or end_cursor.`,
    );
  }
}
