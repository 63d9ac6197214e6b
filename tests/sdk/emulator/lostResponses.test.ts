import type { FaultRule } from "pulumi-keycard/emulator";
import { addFault, createExisting, requestsOf, useEmulator } from "../../support/client";
import { ACCOUNTS, callerOf, operationsOn, signIn } from "../../support/emulatorCalls";

type Effect = Omit<FaultRule, "operation">;
interface Item {
  id: string;
  name: string;
}

const emulator = useEmulator();
const call = callerOf(emulator);
const list = async (path = ACCOUNTS) => (await call<{ items: Item[] }>("GET", path)).body.items;
const names = async (path?: string) => (await list(path)).map(({ name }) => name);
const lastStatus = async () => (await requestsOf(emulator)).at(-1)?.status;
const failCreate = (effect: Effect) => addFault(emulator, { operation: "createServiceAccount", ...effect });

/** Calls without validating the response with openapi.yaml. */
const raw = (method: string, path: string, body?: unknown) =>
  fetch(emulator.endpoint + path, {
    method,
    headers: { Authorization: `Bearer ${emulator.apiKey}`, "Content-Type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

/** Returns the received part of a body, and whether it is complete. Must be called at once: a cut connection discards the rest. */
async function received(response: Response): Promise<{ text: string; whole: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    return { text, whole: true };
  } catch {
    return { text, whole: false };
  }
}

describe("a fault with `commit`", () => {
  it.each([500, 503, 599])("acts, and then responds with %i", async (status) => {
    await failCreate({ status, commit: true });
    const response = await call("POST", ACCOUNTS, { body: { name: "created" } });
    expect(response).toMatchObject({ status, body: { code: "injected_fault" } });
    expect(await names()).toEqual(["created"]);
  });

  it("does not reveal in its response that it acted", async () => {
    await failCreate({ status: 503, retryAfter: 1, commit: true });
    await failCreate({ status: 503, retryAfter: 1 });
    const responses = [];
    for (const name of ["created", "not created"]) {
      const { body, headers } = await call("POST", ACCOUNTS, { body: { name } });
      responses.push({ body, retryAfter: headers.get("retry-after"), names: [...headers.keys()] });
    }
    expect(responses[0]).toEqual(responses[1]);
    expect(await names()).toEqual(["created"]);
  });

  it("acts, and then cuts the connection", async () => {
    await failCreate({ reset: true, commit: true });
    await expect(raw("POST", ACCOUNTS, { name: "created" })).rejects.toThrow("fetch failed");
    expect(await lastStatus()).toBeNull();
    expect(await names()).toEqual(["created"]);
  });

  it("acts at once and responds late", async () => {
    await failCreate({ delayMs: 3_600_000, commit: true });
    const impatient = new AbortController();
    const late = call("POST", ACCOUNTS, { body: { name: "created" }, signal: impatient.signal });
    while ((await list()).length === 0);
    impatient.abort();
    await expect(late).rejects.toThrow("aborted");
    await failCreate({ delayMs: 20, commit: true });
    expect((await call("POST", ACCOUNTS, { body: { name: "responded" } })).status).toBe(201);
    expect(await names()).toEqual(["created", "responded"]);
  });

  it("updates and deletes too", async () => {
    const { account, credential } = await createExisting(emulator);
    const credentials = `${ACCOUNTS}/${account}/credentials`;
    await addFault(emulator, { operation: "*", status: 502, times: 2, commit: true });
    await call("PATCH", `${ACCOUNTS}/${account}`, { body: { name: "renamed" } });
    await call("DELETE", `${credentials}/${credential}`);
    expect(await names()).toEqual(["renamed"]);
    expect(await names(credentials)).toEqual([]);
  });

  it("records a credential's sign-in, although no token is returned", async () => {
    const { account } = await createExisting(emulator);
    const path = `${ACCOUNTS}/${account}/credentials`;
    const { body } = await call("POST", path, { body: { name: "signs in" } });
    await addFault(emulator, { operation: "token", status: 500, commit: true });
    expect((await signIn(emulator, body)).status).toBe(500);
    expect((await call("GET", `${path}/${body.id}`)).body.last_used_at).toBeDefined();
  });

  it.each<[Effect, number]>([
    [{ status: 503, commit: true }, 503],
    [{ delayMs: 1, commit: true }, 422],
  ])("affects with %j even a call that is refused, and creates nothing", async (effect, status) => {
    await failCreate(effect);
    expect((await call("POST", ACCOUNTS, { body: {} })).status).toBe(status);
    expect(await names()).toEqual([]);
  });
});

it.each<Effect>([{ body: "malformed" }, { body: "malformed", commit: true }])(
  "a fault with %j acts, and responds with success and text that is not JSON",
  async (effect) => {
    await failCreate(effect);
    const response = await raw("POST", ACCOUNTS, { name: "created" });
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await received(response)).toEqual({ text: "This is not JSON.", whole: true });
    expect(await names()).toEqual(["created"]);
  },
);

it.each<Effect>([{ body: "truncated" }, { body: "truncated", commit: true }])(
  "a fault with %j acts, and cuts the connection in the middle of the response",
  async (effect) => {
    await failCreate(effect);
    const response = await raw("POST", ACCOUNTS, { name: "created" });
    expect(response.status).toBe(201);
    const arrived = await received(response);
    const [created] = await list();
    const whole = JSON.stringify(created);
    expect(response.headers.get("content-length")).toBe(String(whole.length));
    expect(arrived).toEqual({ text: whole.slice(0, whole.length / 2), whole: false });
  },
);

describe.each(["malformed", "truncated"] as const)("a %s body", (body) => {
  const ends = { text: expect.not.stringMatching(/^$|\}$/), whole: body === "malformed" };

  it.each(operationsOn(ACCOUNTS, "", "").map(({ operation }) => operation))(
    "affects %s, which acts",
    async (hit) => {
      const { account, credential } = await createExisting(emulator);
      const called = operationsOn(ACCOUNTS, account, credential).find(({ operation }) => operation === hit);
      const { method = "", path = "", body: sent } = called ?? {};
      const state = async () => {
        const found = await list();
        const inside = found.map(({ id }) => list(`${ACCOUNTS}/${id}/credentials`));
        return [found, await Promise.all(inside)];
      };
      const before = await state();
      await addFault(emulator, { operation: "*", body });
      const response = await raw(method, path, sent);
      const status = method === "POST" ? 201 : 200;
      expect(response.status).toBe(status);
      expect(await received(response)).toEqual(ends);
      expect(await lastStatus()).toBe(status);
      await (method === "GET"
        ? expect(state()).resolves.toEqual(before)
        : expect(state()).resolves.not.toEqual(before));
    },
  );

  it("affects a refused call, too, with the status of the refusal", async () => {
    await failCreate({ body });
    const response = await raw("POST", ACCOUNTS, { name: "" });
    expect(response.status).toBe(422);
    expect(await received(response)).toEqual(ends);
    expect(await names()).toEqual([]);
  });

  it("does not affect the next call", async () => {
    await addFault(emulator, { operation: "listServiceAccounts", body });
    await received(await raw("GET", ACCOUNTS));
    expect(await names()).toEqual([]);
  });
});
