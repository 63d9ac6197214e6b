import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Caller } from "../../../support/emulatorCalls";
import { ACCOUNTS, callerOf } from "../../../support/emulatorCalls";

const id = expect.stringMatching(/^[a-z0-9]{26}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

interface Resource {
  id: string;
  created_at: string;
  updated_at: string;
  client_secret: string;
}

let emulator: Emulator;
let call: Caller;
let credentials: string;
beforeAll(async () => {
  emulator = await startEmulator();
  call = callerOf(emulator);
  const { body } = await call<Resource>("POST", ACCOUNTS, { body: { name: "holder" } });
  credentials = `${ACCOUNTS}/${body.id}/credentials`;
});
afterAll(() => emulator.close());

describe.each([
  ["a service account", (): string => ACCOUNTS, { id, created_at: time, updated_at: time }],
  ["a credential", () => credentials, { id, client_id: id, created_at: time }],
] as const)("%s", (_, path, given) => {
  const create = async (body: object) => (await call<Resource>("POST", path(), { body })).body;

  it("is created with the given values", async () => {
    const { client_secret, ...created } = await create({ name: "Ünï", description: "said" });
    expect(created).toEqual({ ...given, name: "Ünï", description: "said" });
    expect(client_secret === undefined).toBe(path() === ACCOUNTS);
  });

  it.each([{ name: "a" }, { name: "a", description: "" }])("has no description after %j", async (body) => {
    expect(await create(body)).not.toHaveProperty("description");
  });

  it("takes a description of 500 characters, counted as characters, and any property that it does not know", async () => {
    const description = "😀".repeat(500);
    const created = await create({ name: "a", description, other: 1 });
    expect(created).toMatchObject({ description });
    expect(created).not.toHaveProperty("other");
  });

  it("is returned by retrieve and list, without its secret", async () => {
    const { client_secret, ...created } = await create({ name: "a", description: "b" });
    expect((await call("GET", `${path()}/${created.id}`)).body).toEqual(created);
    const { body } = await call<{ items: unknown[] }>("GET", `${path()}?limit=1000`);
    expect(body.items.at(-1)).toEqual(created);
    if (client_secret) expect(JSON.stringify(body)).not.toContain(client_secret);
  });

  it("may have a name that another has", async () => {
    const [first, second] = [await create({ name: "same" }), await create({ name: "same" })];
    expect(first.id).not.toBe(second.id);
  });

  const both = { name: "new", description: "new" };
  it.each([
    [{}, { name: "a", description: "b" }],
    [{ name: "a" }, { name: "a", description: "b" }],
    [{ name: "new" }, { name: "new", description: "b" }],
    [{ description: "new" }, { name: "a", description: "new" }],
    [{ description: "" }, { name: "a" }],
    [both, both],
  ])("is changed by %j as far as that says, and in nothing else", async (body, expected) => {
    const created = await create({ name: "a", description: "b" });
    const changed = await call<Resource>("PATCH", `${path()}/${created.id}`, { body });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ ...given, id: created.id, created_at: created.created_at, ...expected });
    expect((await call("GET", `${path()}/${created.id}`)).body).toEqual(changed.body);
  });

  it("is not found after its deletion, and cannot be deleted again", async () => {
    const created = await create({ name: "a" });
    expect(await call("DELETE", `${path()}/${created.id}`)).toMatchObject({ status: 204, body: null });
    expect((await call("DELETE", `${path()}/${created.id}`)).status).toBe(404);
    expect((await call("GET", `${path()}/${created.id}`)).status).toBe(404);
    expect((await call("PATCH", `${path()}/${created.id}`, { body: { name: "b" } })).status).toBe(404);
  });
});

it("a service account's updated_at advances with every change, however soon, and only then", async () => {
  const { body: created } = await call<Resource>("POST", ACCOUNTS, { body: { name: "a" } });
  expect(created.updated_at).toBe(created.created_at);
  const patch = async (body: object) =>
    (await call<Resource>("PATCH", `${ACCOUNTS}/${created.id}`, { body })).body.updated_at;
  expect(await patch({ name: "a", description: "" })).toBe(created.updated_at);
  const first = await patch({ name: "b" });
  expect(Date.parse(first)).toBeGreaterThan(Date.parse(created.updated_at));
  expect(Date.parse(await patch({ name: "c" }))).toBeGreaterThan(Date.parse(first));
});

it("the deletion of a service account deletes its credentials, too", async () => {
  const { body } = await call<Resource>("POST", ACCOUNTS, { body: { name: "a" } });
  const own = `${ACCOUNTS}/${body.id}/credentials`;
  const { body: created } = await call<Resource>("POST", own, { body: { name: "k" } });
  expect((await call("DELETE", `${ACCOUNTS}/${body.id}`)).status).toBe(204);
  expect((await call("GET", own)).status).toBe(404);
  expect((await call("GET", `${own}/${created.id}`)).status).toBe(404);
});
