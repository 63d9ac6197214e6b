import type { WithResponse } from "../http/apiPromise";
import type { Caller } from "../http/call";
import type { RequestOptions } from "../options";
import { Page, PagePromise } from "./page";
import type { Cursor, PageResponse } from "./page";
import type { ListParams, PageInfo } from "./types";

/** Pages that one iteration reads at most; with the API's default limit, a million items. */
const MAX_PAGES = 10_000;

/** Makes a list call. `path` is called within the promise, so that an invalid argument rejects it. */
export function list<Item>(
  call: Caller,
  response: "ServiceAccountPage" | "CredentialPage",
  path: () => string,
  params: ListParams,
  options: RequestOptions | undefined,
): PagePromise<Item> {
  const { limit, after, before, expand, "X-Client-Request-ID": requestId } = params;
  const backwards = before !== undefined && after === undefined;
  const iteration = new Iteration(backwards, backwards ? before : after);
  const get = async (cursor: object, number: number): Promise<WithResponse<Page<Item>>> => {
    const { data, response: received } = await call({
      method: "GET",
      path: path(),
      query: { limit, ...cursor, "expand[]": expand },
      response,
      check: (body) => iteration.check(body.page_info, number),
      requestId,
      options,
    });
    const next = iteration.next(data.page_info, number);
    const getNext = async (cursor: Cursor) => (await get(cursor, number + 1)).data;
    return { data: new Page(data as PageResponse<Item>, next, getNext), response: received };
  };
  return new PagePromise(() => get({ after, before }, 1));
}

/** Remembers the cursors of an iteration, so that it ends even if a server repeats them or never stops. */
class Iteration {
  /** The number of the page that each cursor leads to. */
  readonly #pages = new Map<string, number>();

  constructor(
    private readonly backwards: boolean,
    start: string | undefined,
  ) {
    if (start !== undefined) this.#pages.set(start, 1);
  }

  /** Returns the cursor of the page after the one with this number. */
  next(info: PageInfo, number: number): Cursor | undefined {
    const cursor = this.#cursor(info);
    if (cursor === undefined) return undefined;
    this.#pages.set(cursor, number + 1);
    return this.backwards ? { before: cursor } : { after: cursor };
  }

  /** Returns what is wrong with the page of this number, if anything. It may have been read before, by another loop. */
  check(info: PageInfo, number: number): string | undefined {
    const cursor = this.#cursor(info);
    if (cursor === undefined) return undefined;
    if (cursor === "") return "/page_info announces more pages, but has no cursor for them";
    if (number >= MAX_PAGES)
      return `the list has more than ${MAX_PAGES} pages; larger pages (limit) may help`;
    const isKnown = (this.#pages.get(cursor) ?? Infinity) <= number;
    return isKnown ? "the cursor in /page_info leads back to an earlier page" : undefined;
  }

  #cursor(info: PageInfo): string | undefined {
    if (this.backwards) return info.has_prev_page ? (info.start_cursor ?? "") : undefined;
    return info.has_next_page ? (info.end_cursor ?? "") : undefined;
  }
}
