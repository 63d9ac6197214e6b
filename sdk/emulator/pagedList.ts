import type { components } from "../generated/api";
import { badRequest } from "./errors";

/** The query of a list call. */
export interface PageQuery {
  limit: number;
  after?: string;
  before?: string;
}

/** The items of a page, oldest first, and its position. */
export interface Page<T> {
  items: T[];
  page_info: components["schemas"]["PageInfo"];
}

/** An item's place in the order of creation. */
interface Item {
  readonly sequence: number;
}

/** Items by ID, in the order of creation. A cursor is a place in that order, and so stays valid when its item is deleted. */
export class PagedList<T extends Item> extends Map<string, T> {
  /**
   * @param id identifies the list in its cursors: other lists refuse them
   * @param sequence the last place in the order of creation, which lists share
   */
  constructor(
    private readonly id: string,
    private readonly sequence: { last: number },
  ) {
    super();
  }

  /** Replaces the item with this ID, or adds it. Items are added in the order of creation. */
  override set(id: string, item: T): this {
    this.sequence.last = Math.max(this.sequence.last, item.sequence);
    return super.set(id, item);
  }

  /** @throws ApiError 400 if both directions are given, or the cursor is not of this list */
  page({ limit, after, before }: PageQuery): Page<T> {
    if (after !== undefined && before !== undefined)
      throw badRequest("`after` and `before` cannot be combined. Send one of them.");
    const all = [...this.values()];
    const countUpTo = (sequence: number) => all.filter((item) => item.sequence <= sequence).length;
    let [start, end] = [0, all.length];
    if (before !== undefined) {
      end = countUpTo(this.decode("before", before) - 1);
      start = Math.max(0, end - limit);
    } else {
      if (after !== undefined) start = countUpTo(this.decode("after", after));
      end = Math.min(end, start + limit);
    }
    const items = all.slice(start, end);
    const [first, last] = [items.at(0), items.at(-1)];
    return {
      items,
      page_info: {
        has_next_page: end < all.length,
        has_prev_page: start > 0,
        ...(first && last && { start_cursor: this.encode(first), end_cursor: this.encode(last) }),
      },
    };
  }

  private encode({ sequence }: Item): string {
    return Buffer.from(`${this.id}:${sequence}`).toString("base64url");
  }

  private decode(parameter: string, cursor: string): number {
    const sequence = Number(Buffer.from(cursor, "base64url").toString().split(":")[1]);
    const known = Number.isInteger(sequence) && sequence >= 1 && sequence <= this.sequence.last;
    // Only the exact cursor is valid, not every text that decodes to the same place.
    if (known && cursor === this.encode({ sequence })) return sequence;
    throw badRequest(`\`${parameter}\` must be a start_cursor or end_cursor of a page of this list.`);
  }
}
