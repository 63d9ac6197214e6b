import { useEmulator } from "../../support/client";
import { ACCOUNTS, callerOf } from "../../support/emulatorCalls";

interface Page {
  items: { id: string; name: string; permissions?: object }[];
  page_info: { has_next_page: boolean; has_prev_page: boolean; start_cursor?: string; end_cursor?: string };
  permissions?: object;
}

const emulator = useEmulator();
const call = callerOf(emulator);
let credentials: string;
beforeEach(async () => {
  // The first account holds the credentials; the accounts n0 to n6 come after it, and are paged from its cursor on.
  const holder = await call<{ id: string }>("POST", ACCOUNTS, { body: { name: "holder" } });
  credentials = `${ACCOUNTS}/${holder.body.id}/credentials`;
});

const names = ({ items }: Pick<Page, "items">) => items.map(({ name }) => name);

describe.each([
  ["service accounts", (): string => ACCOUNTS, ["holder"], "service_accounts"],
  ["credentials", () => credentials, [], "credentials"],
] as const)("a list of %s", (_, path, before, type) => {
  const add = async (count: number) => {
    for (let i = 0; i < count; i++) await call("POST", path(), { body: { name: `n${i}` } });
  };
  const page = async (query = "") => (await call<Page>("GET", path() + query)).body;

  it("is in the order of creation, the newest last, and has cursors at both ends", async () => {
    await add(3);
    const { page_info, ...rest } = await page();
    expect(names(rest)).toEqual([...before, "n0", "n1", "n2"]);
    expect(page_info).toEqual({
      has_next_page: false,
      has_prev_page: false,
      start_cursor: expect.stringMatching(/^[\w-]+$/),
      end_cursor: expect.stringMatching(/^[\w-]+$/),
    });
  });

  it("can be read forwards and backwards, page by page", async () => {
    await add(7 - before.length);
    const all = names(await page());
    const pages = [all.slice(0, 3), all.slice(3, 6), all.slice(6)];
    const forward: Page[] = [await page("?limit=3")];
    while (forward.at(-1)?.page_info.has_next_page) {
      forward.push(await page(`?limit=3&after=${forward.at(-1)?.page_info.end_cursor}`));
    }
    expect(forward.map(names)).toEqual(pages);
    expect(forward.map(({ page_info }) => page_info.has_prev_page)).toEqual([false, true, true]);
    const back: Page[] = forward.slice(-1);
    while (back[0]?.page_info.has_prev_page) {
      back.unshift(await page(`?limit=3&before=${back[0].page_info.start_cursor}`));
    }
    expect(back.map(names)).toEqual(pages);
    expect(back.map(({ page_info }) => page_info.has_next_page)).toEqual([true, true, false]);
  });

  it("has an empty page, without cursors, beyond its end", async () => {
    await add(1);
    const { page_info } = await page();
    expect(await page(`?after=${page_info.end_cursor}`)).toEqual({
      items: [],
      page_info: { has_next_page: false, has_prev_page: true },
    });
    expect(await page(`?before=${page_info.start_cursor}`)).toEqual({
      items: [],
      page_info: { has_next_page: true, has_prev_page: false },
    });
  });

  it("continues from a cursor whose item has been deleted, and includes new items", async () => {
    await add(4);
    const first = await page(`?limit=${2 + before.length}`);
    await call("DELETE", `${path()}/${first.items.at(-1)?.id}`);
    await call("POST", path(), { body: { name: "late" } });
    expect(names(await page(`?after=${first.page_info.end_cursor}`))).toEqual(["n2", "n3", "late"]);
    expect(names(await page(`?before=${first.page_info.end_cursor}`))).toEqual([...before, "n0"]);
  });

  it("gives 100 items when not asked for another number, and 1 to 1000 when asked", async () => {
    await add(101);
    expect((await page()).items).toHaveLength(100);
    expect((await page("?limit=1")).items).toHaveLength(1);
    expect((await page("?limit=1000")).items).toHaveLength(101 + before.length);
  });

  const noCursor = "must be a start_cursor or end_cursor of a page of this list";
  const notExpandable = "`expand[]` must be one of permissions, total_count.";
  it.each<[string, unknown]>([
    ["?limit=0", "`limit` must be at least 1."],
    ["?limit=1001", "`limit` must be at most 1000."],
    ["?limit=many", "`limit` must be of the type integer."],
    ["?limit=", "`limit` must be of the type integer."],
    ["?limit=1&limit=2", "`limit` must be of the type integer."],
    ["?after=", "`after` must not be empty."],
    ["?after=garbled", expect.stringMatching(`^.after. ${noCursor}`)],
    ["?before=garbled", expect.stringMatching(`^.before. ${noCursor}`)],
    ["?expand=nothing", notExpandable],
    ["?expand[]=permissions&expand[]=nothing&expand[]=nor", notExpandable],
    ["?limit=0&cursor=a", "`cursor` is unknown; `limit` must be at least 1."],
  ])("refuses %s", async (query, message) => {
    expect(await call("GET", path() + query)).toMatchObject({ status: 400, body: { message } });
  });

  it("refuses both directions at once, a cursor that was tampered with, and one of another list", async () => {
    await add(2);
    const { page_info } = await page();
    const [start, end] = [page_info.start_cursor ?? "", page_info.end_cursor ?? ""];
    const plain = Buffer.from(end, "base64url").toString();
    const forged = (text: string) => Buffer.from(text).toString("base64url");
    const listId = plain.split(":")[0];
    const queries = [
      `?after=${start}&before=${end}`,
      ...["99", "0", "-1", "1.5", "1e0", "01", ""].map((place) => `?after=${forged(`${listId}:${place}`)}`),
      `?after=${forged(plain.replace(/./, "-"))}`,
      `?after=${end}=`,
      `?after=${end}!`,
    ];
    for (const query of queries) {
      expect([query, (await call("GET", path() + query)).status]).toEqual([query, 400]);
    }
  });

  it.each([
    "?expand[]=permissions",
    "?expand%5B%5D=permissions",
    "?expand=permissions",
    "?expand[]=total_count&expand[]=permissions",
    "?expand=permissions&expand=total_count",
    "?expand=permissions&expand[]=total_count",
  ])("contains with %s the permissions for each item and for the list", async (query) => {
    await add(1);
    const one = { [type]: { read: true, update: true, delete: true } };
    const { items, permissions } = await page(query);
    expect(permissions).toEqual({ [type]: { create: true, read: true } });
    for (const item of items) expect(item.permissions).toEqual(one);
    expect((await page(`/${items.at(-1)?.id}${query}`)) as object).toMatchObject({ permissions: one });
  });

  it.each(["", "?expand=total_count", "?expand[]=total_count"])(
    "contains no permissions with '%s'",
    async (query) => {
      await add(1);
      expect(JSON.stringify(await page(query))).not.toContain("permissions");
    },
  );
});

it("a long list stays in order while half of its items are deleted", async () => {
  const create = async (i: number) =>
    (await call<{ id: string }>("POST", ACCOUNTS, { body: { name: `n${i}` } })).body.id;
  const ids: string[] = [];
  while (ids.length < 400) {
    ids.push(...(await Promise.all(Array.from({ length: 50 }, (_, i) => create(ids.length + i)))));
  }
  await Promise.all(ids.filter((_, i) => i % 2).map((id) => call("DELETE", `${ACCOUNTS}/${id}`)));
  const { body } = await call<Page>("GET", `${ACCOUNTS}?limit=150`);
  expect(body.page_info.has_next_page).toBe(true);
  const last = await call<Page>("GET", `${ACCOUNTS}?limit=150&after=${body.page_info.end_cursor}`);
  const left = [...body.items, ...last.body.items].slice(1).map(({ id }) => id);
  expect(new Set(left)).toEqual(new Set(ids.filter((_, i) => i % 2 === 0)));
  expect(left).toHaveLength(200);
});
