import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { Store } from "../../../dist/sdk/emulator/store";
import { createExisting } from "../../support/client";
import type { Caller } from "../../support/emulatorCalls";
import { ACCOUNTS, callerOf, operationsOn } from "../../support/emulatorCalls";

const unknown = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

let emulator: Emulator;
let call: Caller;
let account: string;
let credential: string;
beforeAll(async () => {
  emulator = await startEmulator();
  call = callerOf(emulator);
  ({ account, credential } = await createExisting(emulator));
});
afterAll(async () => {
  const { body } = await call<{ items: unknown[] }>("GET", ACCOUNTS);
  expect(body.items).toHaveLength(1); // nothing that was refused has acted
  await emulator.close();
});

const operations = operationsOn(ACCOUNTS, "ACCOUNT", "CREDENTIAL");
const pathOf = (template: string) => template.replace("ACCOUNT", account).replace("CREDENTIAL", credential);

describe.each(operations)("$operation", ({ method, path, body }) => {
  it.each([
    ["no authorization", null, undefined, "Bearer"],
    ["an unknown token", "unknown", undefined, 'Bearer error="invalid_token"'],
    ["an empty token", "", undefined, "Bearer"],
    ["another scheme", null, "Basic dXNlcjpwYXNz", "Bearer"],
    ["two tokens", "a b", undefined, "Bearer"],
  ])("responds with 401 to %s", async (_, token, authorization, challenge) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    const response = await call(method, pathOf(path), { token, headers, body });
    expect(response).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    expect(response.headers.get("www-authenticate")).toBe(challenge);
  });

  it("responds with 404 for an organization that does not exist", async () => {
    const elsewhere = pathOf(path).replace("emulator", unknown);
    const response = await call(method, elsewhere, { body });
    expect(response).toMatchObject({ status: 404, body: { code: "not_found" } });
  });

  it("responds with 400 to an X-Client-Request-ID that is not a UUID, and to unknown query parameters", async () => {
    const headers = { "X-Client-Request-ID": "1" };
    const badId = await call(method, pathOf(path), { body, headers });
    expect(badId).toMatchObject({ status: 400, body: { message: "`x-client-request-id` must be a UUID." } });
    const badQuery = await call(method, `${pathOf(path)}?page=2`, { body });
    expect(badQuery).toMatchObject({ status: 400, body: { message: "`page` is unknown." } });
  });
});

const namedIn = (path: string) => ["ACCOUNT", "CREDENTIAL"].filter((name) => path.includes(name));
const named = operations.flatMap((each) => namedIn(each.path).map((name) => ({ ...each, name })));

it.each(named)("$operation responds with 404 to an unknown $name", async ({ method, path, body, name }) => {
  for (const id of [unknown, "..", "%2e%2e", "a%2Fb", "__proto__", "%00"]) {
    const status = await rawStatus(method, pathOf(path.replace(name, id)), JSON.stringify(body));
    expect([id, status]).toEqual([id, 404]);
  }
});

describe.each(operations.filter(({ body }) => body))("the body of $operation", ({ method, path }) => {
  const noString = (property: string) => `\`${property}\` must be of the type string`;
  it.each<[unknown, number, string]>([
    ["", 400, "A body of the type application/json is required."],
    ["{", 400, "The body must be valid JSON."],
    ['{"name":"secret', 400, "The body must be valid JSON."],
    ["[]", 422, "The body must be a JSON object."],
    ["null", 422, "The body must be a JSON object."],
    ['"name"', 422, "The body must be a JSON object."],
    [{ name: "" }, 422, "`name` must not be empty."],
    [{ name: null }, 422, `${noString("name")}.`],
    [{ name: "a", description: "é".repeat(501) }, 422, "`description` must have at most 500 characters."],
    [{ name: 1, description: [] }, 422, `${noString("name")}; ${noString("description")}.`],
  ])("%j is refused: %i %s", async (body, status, message) => {
    expect((await call(method, pathOf(path), { body })).body).toMatchObject({ status, message });
  });

  it.each([
    { "Content-Type": "text/plain" },
    { "Content-Type": "application/json; charset=latin1" },
    { "Content-Encoding": "gzip" },
  ])("is refused with 415 when sent with %j", async (headers: Record<string, string>) => {
    expect((await call(method, pathOf(path), { body: { name: "a" }, headers })).status).toBe(415);
  });

  it("is refused with 413 above a mebibyte, and the connection stays open", async () => {
    const body = { name: "a".repeat(1024 * 1024) };
    expect((await call(method, pathOf(path), { body })).status).toBe(413);
  });
});

it("a creation needs a name", async () => {
  const response = await call("POST", ACCOUNTS, { body: { description: "b" } });
  expect(response).toMatchObject({ status: 422, body: { message: "`name` is required." } });
});

it("a credential is not found under another account", async () => {
  const other = await call<{ id: string }>("POST", ACCOUNTS, { body: { name: "other" } });
  const path = `${ACCOUNTS}/${other.body.id}/credentials/${credential}`;
  for (const method of ["GET", "DELETE"]) expect((await call(method, path)).status).toBe(404);
  expect((await call("PATCH", path, { body: { name: "b" } })).status).toBe(404);
  await call("DELETE", `${ACCOUNTS}/${other.body.id}`);
});

it.each([
  "/",
  "/nothing",
  "//service-account-token",
  "/organizations",
  "/organizations//service-accounts",
  `${ACCOUNTS}/`,
  "/_emulator/",
  "/_emulator/constructor",
])("no operation has the path %s", async (path) => {
  expect((await call("GET", path)).body).toMatchObject({ status: 404, code: "not_found" });
});

it.each([
  ["PUT", ACCOUNTS, "GET, POST"],
  ["GET", "/service-account-token", "POST"],
  ["POST", `${ACCOUNTS}/x`, "GET, PATCH, DELETE"],
  ["PATCH", `${ACCOUNTS}/x/credentials`, "GET, POST"],
  ["OPTIONS", `${ACCOUNTS}/x/credentials/y`, "GET, PATCH, DELETE"],
  ["DELETE", "/_emulator/requests", "GET"],
  ["GET", "/_emulator/faults", "POST, DELETE"],
])("%s %s is refused with the methods that it may have", async (method, path, allowed) => {
  const response = await call(method, path);
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")?.split(", ").sort()).toEqual(allowed.split(", ").sort());
});

it("a path with invalid percent-encoding is refused", async () => {
  expect(await rawStatus("GET", `${ACCOUNTS}/%zz`)).toBe(400);
  expect(await rawStatus("GET", `${ACCOUNTS}/${"a".repeat(256)}`)).toBe(400);
});

it("invalid HTTP gets the documented error", async () => {
  const socket = connect(Number(new URL(emulator.endpoint).port), "127.0.0.1");
  socket.write("nonsense\r\n\r\n");
  const [head, body] = (await text(socket)).split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1.1 400 /);
  expect(JSON.parse(body ?? "")).toMatchObject({ status: 400, code: "bad_request" });
});

it("an error in the emulator itself becomes a 500 and a line on standard error, and the emulator continues", async () => {
  const broken = jest.spyOn(Store.prototype, "createAccount").mockImplementationOnce(() => {
    throw new Error("broken");
  });
  const stderr = jest.spyOn(process.stderr, "write").mockReturnValueOnce(true);
  const response = await call("POST", ACCOUNTS, { body: { name: "a" } });
  expect(response).toMatchObject({ status: 500, body: { code: "internal_error" } });
  expect(stderr.mock.calls).toEqual([[expect.stringContaining("Error: broken")]]);
  jest.restoreAllMocks();
  expect(broken).not.toBe(Store.prototype.createAccount);
  expect((await call("GET", ACCOUNTS)).status).toBe(200);
});

/** Sends the path exactly as it is written, which `fetch` does not. */
async function rawStatus(method: string, path: string, body?: string): Promise<number | undefined> {
  const headers = { Authorization: `Bearer ${emulator.apiKey}`, "Content-Type": "application/json" };
  const { port } = new URL(emulator.endpoint);
  const sent = request({ host: "127.0.0.1", port, method, path, headers }).end(body);
  const [response] = await once(sent, "response");
  response.resume();
  return response.statusCode;
}
