import type { FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
import { useEmulator } from "../../support/client";
import { callerOf, operationsOn, requestToken } from "../../support/emulatorCalls";

const accounts = "/organizations/emulator/service-accounts";
type Effect = Omit<FaultRule, "operation">;
interface Item {
  id: string;
  name: string;
}

const emulator = useEmulator();
const call = callerOf(emulator);

const addFault = async (body: FaultRule) => {
  expect((await call("POST", "/_emulator/faults", { body, token: null })).status).toBe(204);
};
const list = async (path = accounts) => (await call<{ items: Item[] }>("GET", path)).body.items;
const names = async (path?: string) => (await list(path)).map(({ name }) => name);
const lastStatus = async () =>
  (await call<LoggedRequest[]>("GET", "/_emulator/requests", { token: null })).body.at(-1)?.status;

/** Creates an account with a credential. */
async function createAccountAndCredential(): Promise<{ account: string; credential: string }> {
  const { body: account } = await call<Item>("POST", accounts, { body: { name: "existing" } });
  const path = `${accounts}/${account.id}/credentials`;
  const { body: credential } = await call<Item>("POST", path, { body: { name: "existing" } });
  return { account: account.id, credential: credential.id };
}

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
    await addFault({ operation: "createServiceAccount", status, commit: true });
    const response = await call("POST", accounts, { body: { name: "created" } });
    expect(response).toMatchObject({ status, body: { code: "injected_fault" } });
    expect(await names()).toEqual(["created"]);
  });

  it("does not reveal in its response that it acted", async () => {
    await addFault({ operation: "createServiceAccount", status: 503, retryAfter: 1, commit: true });
    await addFault({ operation: "createServiceAccount", status: 503, retryAfter: 1 });
    const responses = [];
    for (const name of ["created", "not created"]) {
      const { body, headers } = await call("POST", accounts, { body: { name } });
      responses.push({ body, retryAfter: headers.get("retry-after"), names: [...headers.keys()] });
    }
    expect(responses[0]).toEqual(responses[1]);
    expect(await names()).toEqual(["created"]);
  });

  it("acts, and then cuts the connection", async () => {
    await addFault({ operation: "createServiceAccount", reset: true, commit: true });
    await expect(raw("POST", accounts, { name: "created" })).rejects.toThrow("fetch failed");
    expect(await lastStatus()).toBeNull();
    expect(await names()).toEqual(["created"]);
  });

  it("acts at once and responds late", async () => {
    await addFault({ operation: "createServiceAccount", delayMs: 3_600_000, commit: true });
    const impatient = new AbortController();
    const late = call("POST", accounts, { body: { name: "created" }, signal: impatient.signal });
    while ((await list()).length === 0);
    impatient.abort();
    await expect(late).rejects.toThrow("aborted");
    await addFault({ operation: "createServiceAccount", delayMs: 20, commit: true });
    expect((await call("POST", accounts, { body: { name: "responded" } })).status).toBe(201);
    expect(await names()).toEqual(["created", "responded"]);
  });

  it("updates and deletes too", async () => {
    const { account, credential } = await createAccountAndCredential();
    const credentials = `${accounts}/${account}/credentials`;
    await addFault({ operation: "*", status: 502, times: 2, commit: true });
    await call("PATCH", `${accounts}/${account}`, { body: { name: "renamed" } });
    await call("DELETE", `${credentials}/${credential}`);
    expect(await names()).toEqual(["renamed"]);
    expect(await names(credentials)).toEqual([]);
  });

  it("records a credential's sign-in, although no token is returned", async () => {
    const { account } = await createAccountAndCredential();
    const path = `${accounts}/${account}/credentials`;
    const { body } = await call("POST", path, { body: { name: "signs in" } });
    const form = { client_id: String(body.client_id), client_secret: String(body.client_secret) };
    await addFault({ operation: "token", status: 500, commit: true });
    expect((await requestToken(emulator, { grant_type: "client_credentials", ...form })).status).toBe(500);
    expect((await call("GET", `${path}/${body.id}`)).body.last_used_at).toBeDefined();
  });

  it.each<[Effect, number]>([
    [{ status: 503, commit: true }, 503],
    [{ delayMs: 1, commit: true }, 422],
  ])("affects with %j even a call that is refused, and creates nothing", async (effect, status) => {
    await addFault({ operation: "createServiceAccount", ...effect });
    expect((await call("POST", accounts, { body: {} })).status).toBe(status);
    expect(await names()).toEqual([]);
  });
});

it.each<Effect>([{ body: "malformed" }, { body: "malformed", commit: true }])(
  "a fault with %j acts, and responds with success and text that is not JSON",
  async (effect) => {
    await addFault({ operation: "createServiceAccount", ...effect });
    const response = await raw("POST", accounts, { name: "created" });
    expect(response.status).toBe(201);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await received(response)).toEqual({ text: "This is not JSON.", whole: true });
    expect(await names()).toEqual(["created"]);
  },
);

it.each<Effect>([{ body: "truncated" }, { body: "truncated", commit: true }])(
  "a fault with %j acts, and cuts the connection in the middle of the response",
  async (effect) => {
    await addFault({ operation: "createServiceAccount", ...effect });
    const response = await raw("POST", accounts, { name: "created" });
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

  it.each(operationsOn(accounts, "", "").map(({ operation }) => operation))(
    "affects %s, which acts",
    async (hit) => {
      const { account, credential } = await createAccountAndCredential();
      const all = operationsOn(accounts, account, credential);
      const {
        method,
        path,
        body: sent,
      } = all.find(({ operation }) => operation === hit) as (typeof all)[number];
      const state = async () => {
        const found = await list();
        const inside = found.map(({ id }) => list(`${accounts}/${id}/credentials`));
        return [found, await Promise.all(inside)];
      };
      const before = await state();
      await addFault({ operation: "*", body });
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
    await addFault({ operation: "createServiceAccount", body });
    const response = await raw("POST", accounts, { name: "" });
    expect(response.status).toBe(422);
    expect(await received(response)).toEqual(ends);
    expect(await names()).toEqual([]);
  });

  it("does not affect the next call", async () => {
    await addFault({ operation: "listServiceAccounts", body });
    await received(await raw("GET", accounts));
    expect(await names()).toEqual([]);
  });
});
