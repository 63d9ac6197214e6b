import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { ArgumentError, MalformedResponseError, Page } from "pulumi-keycard/sdk";
import type { ServiceAccounts } from "pulumi-keycard/sdk";
import { ACCOUNT, accountsAt, clientOf, reply, requestsOf, useServer } from "../../support/client";

const server = useServer();
let emulator: Emulator;
let accounts: ServiceAccounts;
let org: string;
const NAMES = ["one", "two", "three", "four", "five"];

beforeAll(async () => {
  emulator = await startEmulator();
  accounts = clientOf(emulator).organizations.serviceAccounts;
  org = emulator.organizationId;
  for (const name of NAMES) await accounts.create(org, { name });
});
afterAll(() => emulator.close());

async function namesOf(items: AsyncIterable<{ name: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of items) names.push(name);
  return names;
}

test("for await over a list reads all pages, in order", async () => {
  const before = (await requestsOf(emulator, "listServiceAccounts")).length;
  const everything = await namesOf(accounts.list(org, { limit: 2 }));
  const byPage = (await requestsOf(emulator, "listServiceAccounts")).length - before;
  expect(everything).toEqual(await namesOf(accounts.list(org)));
  expect([...everything].sort()).toEqual([...NAMES].sort());
  expect(byPage).toBe(3);
});

test("a page reports whether there is a next one, and reads it", async () => {
  const first = await accounts.list(org, { limit: 3 });
  expect(first).toBeInstanceOf(Page);
  expect(first.items).toHaveLength(3);
  expect(first.hasNextPage()).toBe(true);
  const second = await first.getNextPage();
  expect(second?.items).toHaveLength(2);
  expect(second?.hasNextPage()).toBe(false);
  await expect(second?.getNextPage()).resolves.toBeUndefined();
});

test("for await may start at a page", async () => {
  const all = await namesOf(accounts.list(org));
  const second = await (await accounts.list(org, { limit: 2 })).getNextPage();
  if (!second) throw new Error("there is no second page");
  expect(await namesOf(second)).toEqual(all.slice(2));
});

test("with a start cursor as `before`, the list is read backwards, page by page", async () => {
  const all = await namesOf(accounts.list(org));
  let last = await accounts.list(org, { limit: 2 });
  for (let next = await last.getNextPage(); next; next = await last.getNextPage()) last = next;
  const back = accounts.list(org, { limit: 3, before: last.page_info.start_cursor });
  expect((await back).items.map((item) => item.name)).toEqual(all.slice(1, 4));
  expect(await namesOf(back)).toEqual([...all.slice(1, 4), ...all.slice(0, 1)]);
});

test("credentials are read in the same way", async () => {
  const { id } = await accounts.create(org, { name: "owner" });
  const { credentials } = accounts;
  for (const name of NAMES) await credentials.create(id, { organization_id: org, name });
  const names = await namesOf(credentials.list(id, { organization_id: org, limit: 2 }));
  expect([...names].sort()).toEqual([...NAMES].sort());
  await accounts.delete(id, { organization_id: org });
});

test("an organization that cannot be in a path rejects the list", async () => {
  await expect(namesOf(accounts.list(".."))).rejects.toThrow("organization_id");
});

test("a list's promise can be caught and finished like any other", async () => {
  const caught = await accounts.list("").catch((error: unknown) => error);
  expect(caught).toBeInstanceOf(ArgumentError);
  const finished = jest.fn();
  await accounts.list(org).finally(finished);
  expect(finished).toHaveBeenCalledTimes(1);
});

test.each([
  ["has no cursor", { has_next_page: true, has_prev_page: false }],
  ["leads to itself", { has_next_page: true, has_prev_page: false, end_cursor: "x" }],
])("a page whose next cursor %s is malformed, and the iteration ends", async (_what, page_info) => {
  server.respond = reply(200, { items: [ACCOUNT], page_info });
  await expect(namesOf(accountsAt(server).list("acme"))).rejects.toThrow(MalformedResponseError);
});
