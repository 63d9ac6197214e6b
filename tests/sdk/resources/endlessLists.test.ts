/** Every iteration over a list ends, whatever cursors the server returns. */
import type { RequestListener } from "node:http";
import { KeycardAPI, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions } from "pulumi-keycard/sdk";
import { ACCOUNT, respondJson, errorOf, useServer } from "../../support/client";

let respond: RequestListener;
const server = useServer((request, response) => respond(request, response));

const accounts = (options: ClientOptions = {}) =>
  new KeycardAPI({ baseURL: server.endpoint, apiKey: "key", ...options }).organizations.serviceAccounts;

const page = (end_cursor: string) => ({
  items: [ACCOUNT],
  page_info: { has_next_page: true, has_prev_page: true, end_cursor, start_cursor: end_cursor },
});

async function walk(items: AsyncIterable<unknown>): Promise<{ error: Error; items: number }> {
  let count = 0;
  const iterate = async () => {
    for await (const item of items) if (item) count++;
  };
  const error = await errorOf(iterate());
  return { error, items: count };
}

test.each([
  ["after", {}],
  ["before", { before: "start" }],
  ["after the one that it began with", { after: "A" }],
])("a list whose cursors form a cycle (%s) ends with an error", async (_what, params) => {
  const circle: Record<string, string> = { A: "B", B: "C", C: "A" };
  respond = (request, response) => {
    const query = new URL(String(request.url), "http://host").searchParams;
    respondJson(response, 200, page(circle[query.get("after") ?? query.get("before") ?? ""] ?? "A"));
  };
  const { error, items } = await walk(accounts().list("acme", params));
  expect(error).toBeInstanceOf(MalformedResponseError);
  expect(error.message).toContain("leads back to an earlier page");
  expect(items).toBe("after" in params ? 2 : 3);
});

test("a list whose page is read twice is not a cycle", async () => {
  let pages = 0;
  respond = (_request, response) => respondJson(response, 200, page(String(pages++)));
  const first = await accounts().list("acme");
  const second = await first.getNextPage();
  await expect(first.getNextPage()).resolves.toMatchObject({ page_info: { end_cursor: "2" } });
  await expect(second?.getNextPage()).resolves.toMatchObject({ page_info: { end_cursor: "3" } });
});

test("a list that never ends is given up after 10,000 pages", async () => {
  let pages = 0;
  const endless = () =>
    Promise.resolve({
      status: 200,
      headers: new Headers(),
      text: () => Promise.resolve(JSON.stringify(page(String(pages++)))),
    });
  const { error, items } = await walk(accounts({ fetch: endless }).list("acme"));
  expect(error).toBeInstanceOf(MalformedResponseError);
  expect(error.message).toContain("the list has more than 10000 pages");
  expect([items, pages]).toEqual([9_999, 10_000]);
});

test.each([
  ["is not an object", []],
  ["has no items", { page_info: page("a").page_info }],
  ["has items that are not a list", { ...page("a"), items: { length: 1 } }],
  ["has items of another kind", { ...page("a"), items: [{ ...ACCOUNT, updated_at: undefined }] }],
  ["has no page_info", { items: [] }],
  ["has a cursor that is not text", { ...page("a"), page_info: { ...page("a").page_info, end_cursor: 1 } }],
  ["has a cursor that no query can hold", page("a".repeat(5_000))],
])("a list whose page %s is malformed", async (_what, body) => {
  respond = (_request, response) => respondJson(response, 200, body);
  const { error, items } = await walk(accounts().list("acme"));
  expect(error).toBeInstanceOf(MalformedResponseError);
  expect(items).toBe(0);
});
