import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { useEmulator } from "../../../support/client";
import { ACCOUNTS, callerOf, operationsOn, requestToken, signIn } from "../../../support/emulatorCalls";

const grant = { grant_type: "client_credentials" };
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});
const percentEncoded = (text: string) => text.replace(/[^]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

const emulator = useEmulator();
const call = callerOf(emulator);

/** Returns the parameters that hold ID and secret. */
const own = (e: Emulator) => ({ client_id: e.clientId, client_secret: e.clientSecret });
type Presented = (e: Emulator) => [form: Record<string, string>, headers?: Record<string, string>];

/** Creates an account with a credential; `path` is the credential's. */
async function createCredential() {
  const { body: account } = await call<{ id: string }>("POST", ACCOUNTS, { body: { name: "account" } });
  const path = `${ACCOUNTS}/${account.id}/credentials`;
  const { body } = await call<Record<"id" | "client_id" | "client_secret", string>>("POST", path, {
    body: { name: "credential" },
  });
  return { ...body, accountId: account.id, path: `${path}/${body.id}` };
}

describe("the token", () => {
  it.each<[string, Presented]>([
    ["in the form", (e) => [own(e)]],
    ["by HTTP Basic", (e) => [{}, basic(e.clientId, e.clientSecret)]],
    [
      "by HTTP Basic, percent-encoded as OAuth asks for",
      (e) => [{}, basic(percentEncoded(e.clientId), percentEncoded(e.clientSecret))],
    ],
  ])("is issued for ID and secret %s", async (_, present) => {
    const [form, headers] = present(emulator);
    const response = await requestToken(emulator, { ...grant, ...form }, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const access_token = expect.any(String);
    expect(response.body).toEqual({ access_token, token_type: "Bearer", expires_in: 3600 });
    const { status } = await call("GET", ACCOUNTS, { token: String(response.body.access_token) });
    expect(status).toBe(200);
  });

  it("differs each time, and the earlier ones stay valid", async () => {
    const responses = [await signIn(emulator), await signIn(emulator)];
    const tokens = responses.map(({ body }) => String(body.access_token));
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect((await call("GET", ACCOUNTS, { token })).status).toBe(200);
  });

  it("expires", async () => {
    const shortLived = await startEmulator({ tokenLifetime: 0 });
    const { body } = await signIn(shortLived);
    expect(body.expires_in).toBe(0);
    const response = await callerOf(shortLived)("GET", ACCOUNTS, { token: String(body.access_token) });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect((await callerOf(shortLived)("GET", ACCOUNTS)).status).toBe(200); // the API key does not
    await shortLived.close();
  });

  it.each<[string, number, string, Presented]>([
    ["without a grant type", 400, "invalid_request", (e) => [own(e)]],
    ["for another grant type", 400, "unsupported_grant_type", () => [{ grant_type: "password" }]],
    ["with an empty ID", 400, "invalid_request", () => [{ ...grant, client_id: "", client_secret: "x" }]],
    [
      "in both ways at once",
      400,
      "invalid_request",
      (e) => [{ ...grant, ...own(e) }, basic(e.clientId, e.clientSecret)],
    ],
    ["without ID and secret", 401, "invalid_client", () => [grant]],
    ["without a secret", 401, "invalid_client", (e) => [{ ...grant, client_id: e.clientId }]],
    ["with a wrong secret", 401, "invalid_client", (e) => [{ ...grant, ...own(e), client_secret: "x" }]],
    ["with an unknown ID", 401, "invalid_client", (e) => [{ ...grant, ...own(e), client_id: "x" }]],
    ["with a wrong secret by HTTP Basic", 401, "invalid_client", (e) => [grant, basic(e.clientId, "x%zz")]],
    ["with garbage for HTTP Basic", 401, "invalid_client", () => [grant, { Authorization: "Basic ???" }]],
    [
      "with a token in place of ID and secret",
      401,
      "invalid_client",
      (e) => [grant, { Authorization: `Bearer ${e.apiKey}` }],
    ],
  ])("is refused %s: %i %s", async (_, status, code, present) => {
    const [form, headers] = present(emulator);
    const response = await requestToken(emulator, form, headers);
    expect(response).toMatchObject({ status, body: { code } });
    expect(response.headers.has("www-authenticate")).toBe(status === 401);
    expect(JSON.stringify(response.body)).not.toContain(emulator.clientSecret);
  });

  it("is refused for a form with a repeated parameter", async () => {
    const form = "grant_type=client_credentials&client_id=a&client_id=b&client_secret=c";
    expect((await requestToken(emulator, form)).status).toBe(400);
  });

  it("is refused for anything but a form", async () => {
    const headers = { "Content-Type": "application/json" };
    const response = await requestToken(emulator, grant, headers);
    const message = expect.stringContaining("x-www-form-urlencoded");
    expect(response).toMatchObject({ status: 415, body: { message } });
  });
});

describe("a credential of the emulator", () => {
  it("signs in with its own secret, and its last use moves each time", async () => {
    const { path, client_id, client_secret } = await createCredential();
    const lastUse = async () => (await call<{ last_used_at?: string }>("GET", path)).body.last_used_at;
    expect(await lastUse()).toBeUndefined();
    expect((await signIn(emulator, { client_id, client_secret: "wrong" })).status).toBe(401);
    expect(await lastUse()).toBeUndefined();
    expect((await signIn(emulator, { client_id, client_secret })).status).toBe(200);
    const first = await lastUse();
    expect(first).toBeDefined();
    expect((await requestToken(emulator, grant, basic(client_id, client_secret))).status).toBe(200);
    expect(Date.parse((await lastUse()) ?? "")).toBeGreaterThan(Date.parse(first ?? ""));
  });

  it("is refused by all ten operations", async () => {
    const created = await createCredential();
    const token = String((await signIn(emulator, created)).body.access_token);
    for (const { method, path, body } of operationsOn(ACCOUNTS, created.accountId, created.id)) {
      const response = await call(method, path, { token, body });
      expect(response).toMatchObject({ status: 403, body: { code: "forbidden" } });
    }
    expect((await call<{ items: unknown[] }>("GET", ACCOUNTS)).body.items).toHaveLength(1);
  });

  it.each(["it", "its account"])("stops working, with its tokens, when %s is deleted", async (deleted) => {
    const created = await createCredential();
    const token = String((await signIn(emulator, created)).body.access_token);
    const path = deleted === "it" ? created.path : `${ACCOUNTS}/${created.accountId}`;
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await signIn(emulator, created)).status).toBe(401);
    expect((await call("GET", ACCOUNTS, { token })).status).toBe(401);
  });
});
