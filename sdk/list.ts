import type { Caller } from "./call";
import type { RequestOptions } from "./options";
import { Page, PagePromise } from "./page";
import type { Cursor, PageAnswer } from "./page";
import type { ListParams, PageInfo } from "./types";

/**
 * Starts a list call. `path` is asked within the promise, so that an argument that cannot be used rejects it.
 */
export function list<Item>(
  caller: Caller,
  answer: "ServiceAccountPage" | "CredentialPage",
  path: () => string,
  params: ListParams,
  options: RequestOptions | undefined,
): PagePromise<Item> {
  const { limit, after, before, expand, "X-Client-Request-ID": requestId } = params;
  const backwards = before !== undefined && after === undefined;
  const get = async () => {
    const page = (await caller({
      method: "GET",
      path: path(),
      query: { limit, after, before, "expand[]": expand },
      answer,
      fault: (body) => faultOf((body as PageAnswer<Item>).page_info, backwards, backwards ? before : after),
      requestId,
      options,
    })) as PageAnswer<Item>;
    return new Page(page, nextOf(page.page_info, backwards), (cursor) =>
      list(caller, answer, path, { ...params, after: undefined, before: undefined, ...cursor }, options),
    );
  };
  return new PagePromise(get());
}

function nextOf(info: PageInfo, backwards: boolean): Cursor | undefined {
  if (backwards) return info.has_prev_page ? { before: info.start_cursor ?? "" } : undefined;
  return info.has_next_page ? { after: info.end_cursor ?? "" } : undefined;
}

/** A walk over such a page would end early or never, as if it had seen everything. */
function faultOf(info: PageInfo, backwards: boolean, asked: string | undefined): string | undefined {
  const next = nextOf(info, backwards);
  const cursor = next && Object.values(next)[0];
  if (cursor === "") return `there are more pages, but /page_info has no cursor to get them`;
  return cursor !== undefined && cursor === asked
    ? "the cursor in /page_info leads to the same page"
    : undefined;
}
