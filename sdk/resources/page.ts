import { APIPromise } from "../http/apiPromise";
import type { PageInfo, Permissions } from "./types";

/** The response to a list call. */
export interface PageResponse<Item> {
  items: Item[];
  page_info: PageInfo;
  permissions?: Permissions;
}

/** The position of the next page. */
export type Cursor = { after: string } | { before: string };

/** Reads the page at a cursor. */
export type GetPage<Item> = (cursor: Cursor) => Promise<Page<Item>>;

/**
 * A part of a list. A list that is read with `before` continues backwards: its next page precedes this one. The items of each
 * page are in the list's order either way.
 */
export class Page<Item> implements AsyncIterable<Item> {
  readonly items: Item[];
  readonly page_info: PageInfo;
  declare readonly permissions?: Permissions;
  readonly #next: Cursor | undefined;
  readonly #get: GetPage<Item>;

  constructor(response: PageResponse<Item>, next: Cursor | undefined, get: GetPage<Item>) {
    this.items = response.items;
    this.page_info = response.page_info;
    if (response.permissions) this.permissions = response.permissions;
    this.#next = next;
    this.#get = get;
  }

  /** Reports whether there are further pages. */
  hasNextPage(): boolean {
    return this.#next !== undefined;
  }

  /** Returns the next page, `undefined` after the last one. */
  async getNextPage(): Promise<Page<Item> | undefined> {
    return this.#next && (await this.#get(this.#next));
  }

  /** Iterates over the items of this page and of all further pages. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    let page: Page<Item> | undefined = this; // eslint-disable-line @typescript-eslint/no-this-alias -- the first page
    while (page) {
      yield* page.items;
      page = await page.getNextPage();
    }
  }
}

/**
 * The promise of a page: `await` returns the page, `for await` iterates over the items of this page and of all further pages.
 */
export class PagePromise<Item> extends APIPromise<Page<Item>> implements AsyncIterable<Item> {
  override readonly [Symbol.toStringTag] = "PagePromise";

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    yield* await this;
  }
}
