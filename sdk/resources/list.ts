import type { Caller } from "../http/call";
import type { RequestOptions } from "../options";
import { Page, PagePromise } from "./page";
import type { Cursor, PageAnswer } from "./page";
import type { ListParams, PageInfo } from "./types";

/** Pages that a walk may have; with the API's default limit, a million items. */
const MOST_PAGES = 10_000;

/**
 * Starts a list call. `path` is asked within the promise, so that an argument that cannot be used rejects it.
 */
export function list<Item>(
  caller: Caller,
  response: "ServiceAccountPage" | "CredentialPage",
  path: () => string,
  params: ListParams,
  options: RequestOptions | undefined,
): PagePromise<Item> {
  const { limit, after, before, expand, "X-Client-Request-ID": requestId } = params;
  const backwards = before !== undefined && after === undefined;
  const walk = new Walk(backwards, backwards ? before : after);
  const get = async (cursor: object, number: number): Promise<Page<Item>> => {
    const page = (await caller({
      method: "GET",
      path: path(),
      query: { limit, ...cursor, "expand[]": expand },
      response,
      check: (body) => walk.fault((body as PageAnswer<Item>).page_info, number),
      requestId,
      options,
    })) as PageAnswer<Item>;
    return new Page(page, walk.goOn(page.page_info, number), (next) => get(next, number + 1));
  };
  return new PagePromise(get({ after, before }, 1));
}

/** Where a walk has been: one that a server leads in a circle, or on and on, would never end. */
class Walk {
  /** The number of the page that each cursor led to. */
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly backwards: boolean,
    start: string | undefined,
  ) {
    if (start !== undefined) this.#seen.set(start, 1);
  }

  /** Where it goes on after the page of this number. */
  goOn(info: PageInfo, number: number): Cursor | undefined {
    const cursor = this.#cursor(info);
    if (cursor === undefined) return undefined;
    this.#seen.set(cursor, number + 1);
    return this.backwards ? { before: cursor } : { after: cursor };
  }

  /** What is wrong with the page of this number. It may have been got before: what counts is what precedes it. */
  fault(info: PageInfo, number: number): string | undefined {
    const cursor = this.#cursor(info);
    if (cursor === undefined) return undefined;
    if (cursor === "") return "there are more pages, but /page_info has no cursor to get them";
    if (number >= MOST_PAGES) return `the list goes on after ${MOST_PAGES} pages; larger ones (limit) may do`;
    const known = (this.#seen.get(cursor) ?? Infinity) <= number;
    return known ? "the cursor in /page_info leads to a page that was there before" : undefined;
  }

  #cursor(info: PageInfo): string | undefined {
    if (this.backwards) return info.has_prev_page ? (info.start_cursor ?? "") : undefined;
    return info.has_next_page ? (info.end_cursor ?? "") : undefined;
  }
}
