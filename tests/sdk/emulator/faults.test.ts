import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import type { FaultRule } from "pulumi-keycard/emulator";
import { addFault, requestsOf, useEmulator } from "../../support/client";
import { ACCOUNTS, callerOf, operationsOn, signIn } from "../../support/emulatorCalls";

const UUID = "6f3b1c9e-0d8a-4c5e-9b7f-2a1d3e4f5a6b";

const emulator = useEmulator();
const call = callerOf(emulator);

const addFaults = (rule: FaultRule | FaultRule[]) => addFault(emulator, rule);
const log = () => requestsOf(emulator);
const list = () => call<{ items: unknown[] }>("GET", ACCOUNTS);
const statuses = async (count: number, one: () => Promise<{ status: number }> = list) => {
  const seen = [];
  for (let i = 0; i < count; i++) seen.push((await one()).status);
  return seen;
};
const tokenStatuses = (count: number) => statuses(count, () => signIn(emulator));

describe("a fault with a status", () => {
  it.each([
    [{ status: 503 }, null],
    [{ status: 429, retryAfter: 2 }, "2"],
    [{ status: 503, retryAfter: "Fri, 31 Dec 1999 23:59:59 GMT" }, "Fri, 31 Dec 1999 23:59:59 GMT"],
  ])("with %j responds with the documented error, and does not act", async (effect, retryAfter) => {
    await addFaults({ operation: "createServiceAccount", ...effect });
    const response = await call("POST", ACCOUNTS, { body: { name: "a" } });
    expect(response).toMatchObject({ status: effect.status, body: { code: "injected_fault" } });
    expect(response.headers.get("retry-after")).toBe(retryAfter);
    expect((await list()).body.items).toEqual([]);
  });

  it("affects even calls that would be refused", async () => {
    await addFaults({ operation: "createServiceAccount", status: 500, times: 2 });
    expect((await call("POST", ACCOUNTS, { token: null })).status).toBe(500);
    expect((await call("POST", ACCOUNTS, { body: "{" })).status).toBe(500);
    expect((await call("POST", ACCOUNTS, { body: "{" })).status).toBe(400);
  });
});

it("a fault that cuts the connection does not act, and the next call succeeds", async () => {
  await addFaults({ operation: "createServiceAccount", reset: true });
  await expect(call("POST", ACCOUNTS, { body: { name: "a" } })).rejects.toThrow("fetch failed");
  expect((await list()).body.items).toEqual([]);
  expect((await log()).map(({ status }) => status)).toEqual([null, 200]);
});

describe("a fault that delays", () => {
  it("acts and responds as usual after the delay", async () => {
    await addFaults({ operation: "createServiceAccount", delayMs: 20 });
    expect((await call("POST", ACCOUNTS, { body: { name: "a" } })).status).toBe(201);
    expect((await list()).body.items).toHaveLength(1);
  });

  it("acts even if the client has disconnected, and logs no status", async () => {
    await addFaults({ operation: "createServiceAccount", delayMs: 500 });
    const impatient = new AbortController();
    const cut = call("POST", ACCOUNTS, { body: { name: "a" }, signal: impatient.signal });
    while ((await log())[0]?.operation !== "createServiceAccount");
    impatient.abort();
    await expect(cut).rejects.toThrow("aborted");
    while ((await list()).body.items.length === 0);
    expect((await log())[0]).toMatchObject({ operation: "createServiceAccount", status: null });
  });
});

describe("fault rules", () => {
  it("affect one call by default, after those that they skip", async () => {
    await addFaults({ operation: "listServiceAccounts", status: 500 });
    expect(await statuses(2)).toEqual([500, 200]);
    await addFaults({ operation: "listServiceAccounts", status: 500, skip: 1, times: 2 });
    expect(await statuses(4)).toEqual([200, 500, 500, 200]);
  });

  it("apply in the order in which they were added, one to a call", async () => {
    await addFaults([
      { operation: "listServiceAccounts", status: 500, skip: 1 },
      { operation: "*", status: 501, times: 2 },
      { operation: "listServiceAccounts", status: 502, skip: 1 },
    ]);
    expect(await statuses(6)).toEqual([501, 500, 501, 200, 502, 200]);
  });

  it("are all removed at once", async () => {
    await addFaults({ operation: "*", status: 500, times: 9 });
    expect(await statuses(1)).toEqual([500]);
    expect((await call("DELETE", "/_emulator/faults", { token: null })).status).toBe(204);
    expect(await statuses(2)).toEqual([200, 200]);
  });

  it("for * do not affect the token", async () => {
    await addFaults({ operation: "*", status: 500 });
    expect(await tokenStatuses(1)).toEqual([200]);
    await addFaults({ operation: "token", status: 503 });
    expect(await tokenStatuses(2)).toEqual([503, 200]);
    expect(await statuses(1)).toEqual([500]);
  });

  it.each(operationsOn(ACCOUNTS, "a", "b"))("affect $operation, by its name and by *", async (each) => {
    for (const operation of [each.operation as FaultRule["operation"], "*" as const]) {
      await addFaults({ operation, status: 500 });
      const response = await call(each.method, each.path, { body: each.body });
      expect(response).toMatchObject({ status: 500, body: { code: "injected_fault" } });
    }
    expect((await log()).map(({ operation }) => operation)).toEqual([each.operation, each.operation]);
  });

  it("affect neither the emulator's own paths nor unknown paths", async () => {
    await addFaults({ operation: "*", status: 500 });
    expect((await call("GET", "/nothing")).status).toBe(404);
    expect(await statuses(2)).toEqual([500, 200]);
  });

  const oneEffect = "Exactly one of `status`, `delayMs`, `reset` and `body` is required.";
  const notActed = "`commit` requires a `status` of 500 or more: a 4xx means that the server did not act.";
  const notRetryAfter = "`retryAfter` must be whole seconds or an HTTP date.";
  it.each<[unknown, string]>([
    [{ status: 500 }, "`operation` is required."],
    [{ operation: "nothing", status: 500 }, "`operation` must be one of token, "],
    [{ operation: "token" }, oneEffect],
    [{ operation: "token", retryAfter: 1 }, oneEffect],
    [{ operation: "token", status: 500, reset: true }, oneEffect],
    [{ operation: "token", status: 500, delayMs: 1 }, oneEffect],
    [{ operation: "token", delayMs: 1, reset: true }, oneEffect],
    [{ operation: "token", commit: true }, oneEffect],
    [{ operation: "token", status: 500, body: "malformed" }, oneEffect],
    [{ operation: "token", delayMs: 1, body: "truncated", commit: true }, oneEffect],
    [{ operation: "token", reset: true, body: "malformed" }, oneEffect],
    [{ operation: "token", status: 499, commit: true }, notActed],
    [{ operation: "token", status: 429, commit: true, retryAfter: 1 }, notActed],
    [{ operation: "token", reset: true, commit: false }, "`commit` must be true."],
    [{ operation: "token", body: "empty" }, "`body` must be one of malformed, truncated."],
    [{ operation: "token", body: "malformed", retryAfter: 1 }, "`retryAfter` requires `status`."],
    [{ operation: "token", delayMs: 1, retryAfter: 1 }, "`retryAfter` requires `status`."],
    [{ operation: "token", status: 500, often: 2 }, "`often` is unknown."],
    [{ operation: "token", status: 200 }, "`status` must be at least 400."],
    [{ operation: "token", status: 600 }, "`status` must be at most 599."],
    [{ operation: "token", status: "500" }, "`status` must be of the type integer."],
    [{ operation: "token", status: 500, times: 0 }, "`times` must be at least 1."],
    [{ operation: "token", status: 500, skip: -1 }, "`skip` must be at least 0."],
    [{ operation: "token", status: 500, retryAfter: -1 }, notRetryAfter],
    [{ operation: "token", status: 500, retryAfter: "1" }, notRetryAfter],
    [
      { operation: "token", status: 500, retryAfter: [] },
      "`retryAfter` must be of the type number or string.",
    ],
    [{ operation: "token", delayMs: 0 }, "`delayMs` must be at least 1."],
    [{ operation: "token", delayMs: 3_600_001 }, "`delayMs` must be at most 3600000."],
    [{ operation: "token", reset: false }, "`reset` must be true."],
    [[{ operation: "*", status: 500 }, { operation: "token" }], `Rule 2: ${oneEffect}`],
    ["{", "The body must be valid JSON."],
    ["1", "`body` must be of the type object."],
  ])("like %j are refused, and none is added", async (body, message) => {
    const response = await call("POST", "/_emulator/faults", { body, token: null });
    expect(response).toMatchObject({ status: 400, body: { message: expect.stringContaining(message) } });
    expect(await statuses(1)).toEqual([200]);
    expect(await tokenStatuses(1)).toEqual([200]);
  });

  it("are refused unless they are sent as JSON", async () => {
    const headers = { "Content-Type": "text/plain" };
    const response = await call("POST", "/_emulator/faults", { body: "{}", headers });
    expect(response.status).toBe(415);
  });
});

describe("the request log", () => {
  it("lists the calls of the API in order, with the request ID, which the response repeats", async () => {
    expect(await log()).toEqual([]);
    const start = new Date().toISOString();
    const response = await call("GET", `${ACCOUNTS}?limit=5`, { headers: { "X-Client-Request-ID": UUID } });
    expect(response.headers.get("x-client-request-id")).toBe(UUID);
    await signIn(emulator);
    await call("GET", `${ACCOUNTS}/none`, { token: null, headers: { "X-Client-Request-ID": "not a UUID" } });
    await call("PUT", "/nothing?client_secret=secret");
    const requests = await log();
    for (const each of requests) expect(each.time >= start).toBe(true);
    const rest = { time: expect.any(String), requestId: null };
    expect(requests).toEqual([
      {
        ...rest,
        method: "GET",
        path: ACCOUNTS,
        operation: "listServiceAccounts",
        status: 200,
        requestId: UUID,
      },
      { method: "POST", path: "/service-account-token", operation: "token", status: 200, ...rest },
      { method: "GET", path: `${ACCOUNTS}/none`, operation: "retrieveServiceAccount", status: 401, ...rest },
      { method: "PUT", path: "/nothing", operation: null, status: 404, ...rest },
    ]);
    expect(JSON.stringify(requests)).not.toContain("secret");
  });

  it("contains the request ID of a refusal and of a fault", async () => {
    const headers = { "X-Client-Request-ID": UUID };
    await addFaults({ operation: "listServiceAccounts", status: 500 });
    for (const status of [500, 401]) {
      const response = await call("GET", ACCOUNTS, { token: null, headers });
      expect(response.status).toBe(status);
      expect(response.headers.get("x-client-request-id")).toBe(UUID);
    }
    expect((await log()).map(({ requestId }) => requestId)).toEqual([UUID, UUID]);
  });

  it("contains a call whose client disconnected in the middle of the body", async () => {
    const { port } = new URL(emulator.endpoint);
    const headers = { Authorization: `Bearer ${emulator.apiKey}`, "Content-Length": 100 };
    const cut = request({ host: "127.0.0.1", port, method: "POST", path: ACCOUNTS, headers });
    cut.on("error", () => undefined).write('{"name":');
    while ((await log()).length === 0);
    const closed = new Promise((resolve) => cut.on("close", resolve));
    cut.destroy();
    await closed;
    expect((await list()).body.items).toEqual([]);
    expect((await log())[0]).toMatchObject({ method: "POST", path: ACCOUNTS, status: null });
  });

  it("survives a client that resets its connection", async () => {
    const socket = connect(Number(new URL(emulator.endpoint).port), "127.0.0.1");
    await once(socket, "connect");
    socket.resetAndDestroy();
    await once(socket, "close");
    expect((await list()).status).toBe(200);
  });
});
