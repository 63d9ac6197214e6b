import { startEmulator } from "pulumi-keycard/emulator";
import { APIUserAbortError, AuthenticationError, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions, KeycardAPI } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, TOKEN, addFault, clientAt, clientOf, errorOf, isSignIn } from "../../support/client";
import { reply, requestsOf, respondJson, useEmulator, useServer } from "../../support/client";

const server = useServer();
const emulator = useEmulator();
const org = "emulator";

const tokens = async () => (await requestsOf(emulator, "token")).length;
const list = (client: KeycardAPI) => client.organizations.serviceAccounts.list(org);

test("concurrent calls sign in once", async () => {
  const client = clientOf(emulator);
  await Promise.all(Array.from({ length: 20 }, () => list(client)));
  await list(client);
  expect(await tokens()).toBe(1);
});

test("concurrent calls whose token is refused sign in once more", async () => {
  let given = 0;
  const page = { items: [], page_info: { has_next_page: false, has_prev_page: false } };
  server.respond = (request, response) => {
    if (isSignIn(request)) return respondJson(response, 200, { ...TOKEN, access_token: `t${++given}` });
    return respondJson(response, request.headers.authorization === "Bearer t1" ? 401 : 200, page);
  };
  const client = clientOf(emulator, { baseURL: server.endpoint });
  await Promise.all(Array.from({ length: 10 }, () => list(client)));
  expect(given).toBe(2);
});

test("an abort ends one call's wait for the token, not that of the others", async () => {
  const client = clientOf(emulator);
  const impatient = new AbortController();
  const waiting = client.organizations.serviceAccounts.list(org, {}, { signal: impatient.signal });
  const other = list(client);
  impatient.abort();
  expect(await errorOf(waiting)).toBeInstanceOf(APIUserAbortError);
  await expect(other).resolves.toBeDefined();
  expect(await tokens()).toBe(1);
});

test("a call that is aborted before it begins does not even sign in", async () => {
  const { serviceAccounts } = clientOf(emulator).organizations;
  const error = await errorOf(serviceAccounts.list(org, {}, { signal: AbortSignal.abort() }));
  expect(error).toBeInstanceOf(APIUserAbortError);
  expect(await tokens()).toBe(0);
});

test("a failed sign-in is not cached: the next call signs in again", async () => {
  const client = clientOf(emulator, { maxRetries: 0 });
  await addFault(emulator, { operation: "token", status: 503 });
  await expect(list(client)).rejects.toMatchObject({ status: 503, path: "/service-account-token" });
  await expect(list(client)).resolves.toBeDefined();
  expect(await tokens()).toBe(2);
});

test("a sign-in that failed after its own retries is not retried by the call that waited for it", async () => {
  const client = clientOf(emulator, { maxRetries: 2 });
  await addFault(emulator, { operation: "token", status: 503, retryAfter: 0, times: 9 });
  await expect(list(client)).rejects.toMatchObject({ status: 503 });
  expect(await tokens()).toBe(3);
});

test("a wrong secret fails as a SignInError", async () => {
  const error = await errorOf(list(clientOf(emulator, { clientSecret: "wrong" })));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain("POST /service-account-token failed: sign-in refused: status 401");
});

test("an expired token is replaced, for a POST, too", async () => {
  const brief = await startEmulator({ tokenLifetime: 1 });
  const { serviceAccounts } = clientOf(brief).organizations;
  const now = jest.spyOn(Date, "now");
  await serviceAccounts.list(brief.organizationId);
  const later = Date.now() + 2_000;
  now.mockImplementation(() => later); // For the emulator, too: it runs in this process.
  const created = await serviceAccounts.create(brief.organizationId, { name: "after the expiry" });
  now.mockRestore();
  expect(created.name).toBe("after the expiry");
  expect(await requestsOf(brief, "token")).toHaveLength(2);
  expect(await requestsOf(brief, "createServiceAccount")).toMatchObject([{ status: 201 }]);
  await brief.close();
});

test("a token that is refused before it expires is replaced once, for a POST, too", async () => {
  const client = clientOf(emulator);
  await list(client);
  await addFault(emulator, { operation: "createServiceAccount", status: 401 });
  await expect(client.organizations.serviceAccounts.create(org, { name: "a" })).resolves.toBeDefined();
  expect(await tokens()).toBe(2);
});

test("a call signs in again only once, whatever else happens to it", async () => {
  const client = clientOf(emulator);
  for (const status of [401, 503, 401]) {
    await addFault(emulator, { operation: "listServiceAccounts", status, retryAfter: 0 });
  }
  await expect(list(client)).rejects.toThrow(AuthenticationError);
  expect(await requestsOf(emulator, "listServiceAccounts")).toHaveLength(3);
  expect(await tokens()).toBe(2);
});

test("a ready-made token that is refused is not sent again", async () => {
  const client = clientAt(emulator, { apiKey: "not this one" });
  await expect(list(client)).rejects.toThrow(AuthenticationError);
  expect(await requestsOf(emulator, "listServiceAccounts")).toHaveLength(1);
  expect(await tokens()).toBe(0);
});

describe("tokens of different credentials and endpoints", () => {
  // Issues tokens with the client ID in them, and reports which one a call used.
  beforeEach(() => {
    server.respond = (request, response) => {
      const { authorization = "" } = request.headers;
      if (!isSignIn(request)) return respondJson(response, 200, { ...ACCOUNT, name: authorization });
      const [id] = Buffer.from(authorization.replace("Basic ", ""), "base64").toString().split(":");
      return respondJson(response, 200, { ...TOKEN, access_token: `of-${id}` });
    };
  });

  const own = (options?: ClientOptions) =>
    clientAt(server, { clientID: "first", clientSecret: "s1", ...options });
  const used = async (client: KeycardAPI) =>
    (await client.organizations.serviceAccounts.retrieve(ACCOUNT.id, ORG)).name;
  const signIns = () => server.requests.filter(isSignIn).length;

  test("after ID or secret has changed, the old token is never used again", async () => {
    const client = own();
    expect(await used(client)).toBe("Bearer of-first");
    client.clientID = "second";
    client.clientSecret = "s2";
    expect(await used(client)).toBe("Bearer of-second");
    client.clientSecret = "s3";
    expect(await used(client)).toBe("Bearer of-second");
    expect(signIns()).toBe(3);
  });

  test("setting a ready-made token replaces ID and secret, and vice versa", async () => {
    const client = own();
    client.apiKey = "ready-made";
    expect(client.clientID).toBeUndefined();
    expect(await used(client)).toBe("Bearer ready-made");
    client.clientID = "third";
    client.clientSecret = "s3";
    expect(client.apiKey).toBeUndefined();
    expect(await used(client)).toBe("Bearer of-third");
  });

  test("a client with other options shares the token, one with another identity does not", async () => {
    const client = own();
    await used(client);
    expect(await used(client.withOptions({ timeout: 1_000 }))).toBe("Bearer of-first");
    expect(signIns()).toBe(1);
    expect(await used(client.withOptions({ clientID: "second" }))).toBe("Bearer of-second");
    expect(await used(client.withOptions({ apiKey: "ready-made" }))).toBe("Bearer ready-made");
    expect(await used(client.withOptions({ baseURL: `${server.endpoint}/other` }))).toBe("Bearer of-first");
    expect(signIns()).toBe(3);
    expect(await used(client)).toBe("Bearer of-first");
  });

  test("an ID with a colon, which Basic authorization cannot carry, is sent in the form", async () => {
    const form = new Promise<string>((resolve) => {
      server.server.prependOnceListener("request", (request) => {
        request.once("data", (data) => resolve(String(data)));
      });
    });
    await used(own({ clientID: "urn:one", clientSecret: "a&b" }));
    expect(Object.fromEntries(new URLSearchParams(await form))).toEqual({
      grant_type: "client_credentials",
      client_id: "urn:one",
      client_secret: "a&b",
    });
  });
});

test.each([
  ["no token", { ...TOKEN, access_token: undefined }],
  ["a token of another kind", { ...TOKEN, token_type: "DPoP" }],
])("a sign-in that gives %s is malformed", async (_what, body) => {
  server.respond = reply(200, body);
  const error = await errorOf(list(clientOf(emulator, { baseURL: server.endpoint })));
  expect(error).toBeInstanceOf(MalformedResponseError);
  expect(error.message).not.toContain(TOKEN.access_token);
  expect(server.requests).toHaveLength(1);
});

test("signIn() keeps the token for later calls, and throws if the credentials are refused", async () => {
  const client = clientOf(emulator);
  await client.signIn();
  await list(client);
  expect(await tokens()).toBe(1);
  await expect(clientOf(emulator, { clientSecret: "wrong" }).signIn()).rejects.toThrow(AuthenticationError);
});
