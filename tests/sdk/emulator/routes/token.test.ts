import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { useEmulator } from "../../../support/client";
import { callerOf, operationsOn, requestToken } from "../../../support/emulatorCalls";

const grant = { grant_type: "client_credentials" };
const accounts = "/organizations/emulator/service-accounts";
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});
const percentEncoded = (text: string) => text.replace(/[^]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

const emulator = useEmulator();
const call = callerOf(emulator);

interface CreatedCredential {
  accountId: string;
  credentialId: string;
  client_id: string;
  client_secret: string;
}

async function createCredential(): Promise<CreatedCredential> {
  const account = await call<{ id: string }>("POST", accounts, { body: { name: "account" } });
  const path = `${accounts}/${account.body.id}/credentials`;
  const { body } = await call<CreatedCredential & { id: string }>("POST", path, {
    body: { name: "credential" },
  });
  return { ...body, accountId: account.body.id, credentialId: body.id };
}

describe("the token", () => {
  it.each<[string, (e: Emulator) => [Record<string, string>, Record<string, string>?]]>([
    ["in the form", ({ clientId, clientSecret }) => [{ client_id: clientId, client_secret: clientSecret }]],
    ["by HTTP Basic", ({ clientId, clientSecret }) => [{}, basic(clientId, clientSecret)]],
    [
      "by HTTP Basic, percent-encoded as OAuth asks for",
      ({ clientId, clientSecret }) => [{}, basic(percentEncoded(clientId), percentEncoded(clientSecret))],
    ],
  ])("is issued for ID and secret %s", async (_, present) => {
    const [form, headers] = present(emulator);
    const response = await requestToken(emulator, { ...grant, ...form }, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
    });
    const { status } = await call("GET", accounts, { token: String(response.body.access_token) });
    expect(status).toBe(200);
  });

  it("differs each time, and the earlier ones stay valid", async () => {
    const form = { ...grant, client_id: emulator.clientId, client_secret: emulator.clientSecret };
    const responses = [await requestToken(emulator, form), await requestToken(emulator, form)];
    const tokens = responses.map(({ body }) => String(body.access_token));
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect((await call("GET", accounts, { token })).status).toBe(200);
  });

  it("expires", async () => {
    const shortLived = await startEmulator({ tokenLifetime: 0 });
    const { clientId: client_id, clientSecret: client_secret } = shortLived;
    const { body } = await requestToken(shortLived, { ...grant, client_id, client_secret });
    expect(body.expires_in).toBe(0);
    const response = await callerOf(shortLived)("GET", accounts, { token: String(body.access_token) });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect((await callerOf(shortLived)("GET", accounts)).status).toBe(200); // the API key does not
    await shortLived.close();
  });

  it.each<[string, number, string, (e: Emulator) => [Record<string, string>, Record<string, string>?]]>([
    [
      "without a grant type",
      400,
      "invalid_request",
      (e) => [{ client_id: e.clientId, client_secret: e.clientSecret }],
    ],
    ["for another grant type", 400, "unsupported_grant_type", () => [{ grant_type: "password" }]],
    ["with an empty ID", 400, "invalid_request", () => [{ ...grant, client_id: "", client_secret: "x" }]],
    [
      "in both ways at once",
      400,
      "invalid_request",
      (e) => [
        { ...grant, client_id: e.clientId, client_secret: e.clientSecret },
        basic(e.clientId, e.clientSecret),
      ],
    ],
    ["without ID and secret", 401, "invalid_client", () => [grant]],
    ["without a secret", 401, "invalid_client", (e) => [{ ...grant, client_id: e.clientId }]],
    [
      "with a wrong secret",
      401,
      "invalid_client",
      (e) => [{ ...grant, client_id: e.clientId, client_secret: "x" }],
    ],
    [
      "with an unknown ID",
      401,
      "invalid_client",
      (e) => [{ ...grant, client_id: "x", client_secret: e.clientSecret }],
    ],
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
    expect(response).toMatchObject({
      status: 415,
      body: { message: expect.stringContaining("x-www-form-urlencoded") },
    });
  });
});

describe("a credential of the emulator", () => {
  it("signs in with its own secret, and its last use moves each time", async () => {
    const { accountId, credentialId, client_id, client_secret } = await createCredential();
    const lastUse = async () => {
      const { body } = await call("GET", `${accounts}/${accountId}/credentials/${credentialId}`);
      return body.last_used_at as string | undefined;
    };
    expect(await lastUse()).toBeUndefined();
    expect((await requestToken(emulator, { ...grant, client_id, client_secret: "wrong" })).status).toBe(401);
    expect(await lastUse()).toBeUndefined();
    expect((await requestToken(emulator, { ...grant, client_id, client_secret })).status).toBe(200);
    const first = await lastUse();
    expect(first).toBeDefined();
    expect((await requestToken(emulator, grant, basic(client_id, client_secret))).status).toBe(200);
    expect(Date.parse((await lastUse()) ?? "")).toBeGreaterThan(Date.parse(first ?? ""));
  });

  it("is refused by all ten operations", async () => {
    const { accountId, credentialId, client_id, client_secret } = await createCredential();
    const { body } = await requestToken(emulator, { ...grant, client_id, client_secret });
    for (const { method, path, body: sent } of operationsOn(accounts, accountId, credentialId)) {
      const response = await call(method, path, { token: String(body.access_token), body: sent });
      expect(response).toMatchObject({ status: 403, body: { code: "forbidden" } });
    }
    expect((await call<{ items: unknown[] }>("GET", accounts)).body.items).toHaveLength(1);
  });

  it.each([
    [
      "it",
      (created: CreatedCredential) => `${accounts}/${created.accountId}/credentials/${created.credentialId}`,
    ],
    ["its account", (created: CreatedCredential) => `${accounts}/${created.accountId}`],
  ])("stops working, with its tokens, when %s is deleted", async (_, path) => {
    const created = await createCredential();
    const form = { ...grant, client_id: created.client_id, client_secret: created.client_secret };
    const { body } = await requestToken(emulator, form);
    expect((await call("DELETE", path(created))).status).toBe(204);
    expect((await requestToken(emulator, form)).status).toBe(401);
    expect((await call("GET", accounts, { token: String(body.access_token) })).status).toBe(401);
  });
});
