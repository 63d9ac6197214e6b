/** Every iteration over a list ends, whatever cursors the server returns. */
import { MalformedResponseError } from "pulumi-keycard/sdk";
import { ACCOUNT, accountsAt, errorOf, fetched, reply, respondJson, useServer } from "../../support/client";

const server = useServer();

const page = (end_cursor: string) => ({
  items: [ACCOUNT],
  page_info: { has_next_page: true, has_prev_page: true, end_cursor, start_cursor: end_cursor },
});

/** Iterates until an error, and returns it with the number of items before it. */
async function walk(list: AsyncIterable<unknown>): Promise<{ error: Error; items: number }> {
  let items = 0;
  const iterate = async () => {
    for await (const item of list) if (item) items++;
  };
  return { error: await errorOf(iterate()), items };
}

test.each([
  ["after", {}],
  ["before", { before: "start" }],
  ["after the one that it began with", { after: "A" }],
])("a list whose cursors form a cycle (%s) ends with an error", async (_what, params) => {
  const circle: Record<string, string> = { A: "B", B: "C", C: "A" };
  server.respond = (request, response) => {
    const query = new URL(String(request.url), "http://host").searchParams;
    respondJson(response, 200, page(circle[query.get("after") ?? query.get("before") ?? ""] ?? "A"));
  };
  const { error, items } = await walk(accountsAt(server).list("acme", params));
  expect(error).toBeInstanceOf(MalformedResponseError);
  expect(error.message).toContain("leads back to an earlier page");
  expect(items).toBe("after" in params ? 2 : 3);
});

test("a list whose page is read twice is not a cycle", async () => {
  let pages = 0;
  server.respond = (_request, response) => respondJson(response, 200, page(String(pages++)));
  const first = await accountsAt(server).list("acme");
  const second = await first.getNextPage();
  await expect(first.getNextPage()).resolves.toMatchObject({ page_info: { end_cursor: "2" } });
  await expect(second?.getNextPage()).resolves.toMatchObject({ page_info: { end_cursor: "3" } });
});

test("a list that never ends is given up after 10,000 pages", async () => {
  let pages = 0;
  const fetch = () => Promise.resolve(fetched(200, page(String(pages++))));
  const { error, items } = await walk(accountsAt(server, { fetch }).list("acme"));
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
  server.respond = reply(200, body);
  const { error, items } = await walk(accountsAt(server).list("acme"));
  expect(error).toBeInstanceOf(MalformedResponseError);
  expect(items).toBe(0);
});
