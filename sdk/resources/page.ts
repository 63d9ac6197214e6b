import type { PageInfo, Permissions } from "./types";

/** What the API answers to a list call. */
export interface PageAnswer<Item> {
  items: Item[];
  page_info: PageInfo;
  permissions?: Permissions;
}

/** Where to go on in a list. */
export type Cursor = { after: string } | { before: string };

/** Gets the page at a cursor. */
export type GetPage<Item> = (cursor: Cursor) => Promise<Page<Item>>;

/**
 * A part of a list. Asked for with `before`, it goes on backwards: its next page is the one that precedes it.
 * The items of each page are in the list's order either way.
 */
export class Page<Item> implements AsyncIterable<Item> {
  readonly items: Item[];
  readonly page_info: PageInfo;
  declare readonly permissions?: Permissions;
  readonly #next: Cursor | undefined;
  readonly #get: GetPage<Item>;

  constructor(answer: PageAnswer<Item>, next: Cursor | undefined, get: GetPage<Item>) {
    this.items = answer.items;
    this.page_info = answer.page_info;
    if (answer.permissions) this.permissions = answer.permissions;
    this.#next = next;
    this.#get = get;
  }

  /** Whether the list goes on. */
  hasNextPage(): boolean {
    return this.#next !== undefined;
  }

  /** The page at which the list goes on, `undefined` if it does not. */
  async getNextPage(): Promise<Page<Item> | undefined> {
    return this.#next && (await this.#get(this.#next));
  }

  /** The items of this page and of all that follow. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    let page: Page<Item> | undefined = this; // eslint-disable-line @typescript-eslint/no-this-alias -- where the walk begins
    while (page) {
      yield* page.items;
      page = await page.getNextPage();
    }
  }
}

/**
 * A page that is on its way: `await` gives the page, `for await` the items of this page and of all that
 * follow.
 */
export class PagePromise<Item> implements Promise<Page<Item>>, AsyncIterable<Item> {
  readonly [Symbol.toStringTag] = "PagePromise";
  readonly #page: Promise<Page<Item>>;

  constructor(page: Promise<Page<Item>>) {
    this.#page = page;
  }

  then<A = Page<Item>, B = never>(
    fulfilled?: ((page: Page<Item>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#page.then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Page<Item> | B> {
    return this.#page.catch(rejected);
  }

  finally(done?: (() => void) | null): Promise<Page<Item>> {
    return this.#page.finally(done);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    yield* await this.#page;
  }
}
