import { spawn } from "node:child_process";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { APIConnectionError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch } from "pulumi-keycard/sdk";
import type { TestServer } from "../../support/client";
import { ACCOUNT, ORG, PAIR, TOKEN } from "../../support/client";
import { accountsAt, errorOf, isSignIn, loggerTo, reply, respondJson } from "../../support/client";
import { serve, useServer } from "../../support/client";

const server = useServer();
const accounts = (options?: ClientOptions) => accountsAt(server, options);
const retrieve = (options?: ClientOptions) => accounts(options).retrieve(ACCOUNT.id, ORG);
const connections = (requests: IncomingMessage[]) => new Set(requests.map((request) => request.socket)).size;

test("idempotent calls share a connection", async () => {
  for (let i = 0; i < 3; i++) {
    await retrieve();
    await accounts().update(ACCOUNT.id, { ...ORG, name: "b" });
    await accounts().delete(ACCOUNT.id, ORG);
  }
  expect(server.requests).toHaveLength(9);
  expect(connections(server.requests)).toBe(1);
});

describe("when the server closes connections once they are idle", () => {
  const idle = new WeakSet<Socket>();

  // Cuts a connection that is used a second time, as if it had been closed just before the request arrived.
  beforeEach(() => {
    server.respond = (request, response) => {
      if (idle.has(request.socket)) return request.socket.resetAndDestroy();
      idle.add(request.socket);
      const status = request.method === "POST" ? 201 : 200;
      return respondJson(response, status, { ...ACCOUNT, client_id: "c", client_secret: "s" });
    };
  });

  test("a POST neither fails nor is sent twice", async () => {
    const once = accounts({ maxRetries: 0 });
    await once.retrieve(ACCOUNT.id, ORG);
    await once.create("acme", { name: "a" });
    await once.credentials.create(ACCOUNT.id, { ...ORG, name: "a" });
    await once.create("acme", { name: "b" });
    expect(server.requests.map((request) => request.method)).toEqual(["GET", "POST", "POST", "POST"]);
    expect(connections(server.requests)).toBe(4);
  });

  test("an idempotent call is retried on a new connection", async () => {
    await retrieve();
    await retrieve();
    expect(server.requests).toHaveLength(3);
    expect(connections(server.requests)).toBe(2);
  });
});

test("a POST right after the server has closed the idle connection is sent once", async () => {
  const once = accounts({ maxRetries: 0 });
  await once.retrieve(ACCOUNT.id, ORG);
  server.server.closeIdleConnections(); // The client cannot know yet.
  await once.create("acme", { name: "a" });
  expect(server.requests).toHaveLength(2);
});

test("a truncated response is a connection error, after which a GET is retried and a POST is not", async () => {
  server.respond = (request, response) => {
    if (server.requests.length % 2 === 0) return respondJson(response, 200, ACCOUNT);
    response.writeHead(200, { "content-length": 1000 }).write('{"id":');
    return void setImmediate(() => request.socket.resetAndDestroy());
  };
  await expect(retrieve()).resolves.toEqual(ACCOUNT);
  expect(await errorOf(accounts().create("acme", { name: "a" }))).toBeInstanceOf(APIConnectionError);
  expect(server.requests).toHaveLength(3);
});

test("a POST is retried as long as the connection is refused", async () => {
  const { endpoint: baseURL, close } = await serve();
  await close();
  const lines: string[] = [];
  let listening: Promise<TestServer> | undefined;
  const logger = loggerTo((line) => {
    lines.push(line);
    listening ??= serve(reply(201, ACCOUNT), Number(new URL(baseURL).port));
  });
  const created = accounts({ baseURL, logLevel: "info", logger }).create("acme", { name: "a" });
  await expect(created).resolves.toEqual(ACCOUNT);
  expect(lines[0]).toContain("ECONNREFUSED");
  await (await listening)?.close();
});

test("a host name that cannot be resolved fails with its code, after the POST was retried", async () => {
  let attempts = 0;
  const fetch = () => {
    attempts++;
    return Promise.reject(Object.assign(new TypeError("fetch failed"), { cause: { code: "ENOTFOUND" } }));
  };
  const error = await errorOf(accounts({ fetch, maxRetries: 1 }).create("acme", { name: "a" }));
  expect(error).toBeInstanceOf(APIConnectionError);
  expect(error).toMatchObject({ code: "ENOTFOUND" });
  expect(attempts).toBe(2);
});

test("an endpoint with a path and a trailing slash works, for the sign-in, too", async () => {
  server.respond = (request, response) => respondJson(response, 200, isSignIn(request) ? TOKEN : ACCOUNT);
  const own = accounts({ baseURL: `${server.endpoint}/v1/`, ...PAIR });
  await own.retrieve(ACCOUNT.id, { organization_id: "a/b?c" });
  expect(server.requests.map((request) => request.url)).toEqual([
    "/v1/service-account-token",
    "/v1/organizations/a%2Fb%3Fc/service-accounts/sa1",
  ]);
});

test("custom headers and queries are sent, except those that the API relies on", async () => {
  const options: ClientOptions = {
    defaultHeaders: { "X-One": "1", Authorization: "mine" },
    defaultQuery: { a: 1, omitted: undefined },
  };
  await accounts(options).retrieve(
    ACCOUNT.id,
    { ...ORG, expand: ["permissions", "total_count"] },
    { headers: { "x-two": "2", "User-Agent": "me" }, query: { b: ["x", "y"] } },
  );
  const [request] = server.requests;
  expect(request?.headers).toMatchObject({
    "x-one": "1",
    "x-two": "2",
    "user-agent": "me",
    authorization: "Bearer key",
    "x-client-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const query = new URL(request?.url ?? "", server.endpoint).searchParams;
  expect([...query]).toEqual([
    ["a", "1"],
    ["expand[]", "permissions"],
    ["expand[]", "total_count"],
    ["b", "x"],
    ["b", "y"],
  ]);
});

test("requests have the client's User-Agent", async () => {
  await retrieve();
  expect(server.requests[0]?.headers["user-agent"]).toMatch(/^pulumi-keycard\/\d+\.\d+\.\d+/);
});

test("Node's own fetch can take the place of node-fetch", async () => {
  await expect(retrieve({ fetch: fetch as Fetch })).resolves.toEqual(ACCOUNT);
});

test("idle connections do not keep the process alive", async () => {
  const program = `
    const { KeycardAPI } = require("pulumi-keycard/sdk");
    const client = new KeycardAPI({ baseURL: "${server.endpoint}", apiKey: "key" });
    client.organizations.serviceAccounts.retrieve("sa1", { organization_id: "acme" });`;
  const child = spawn(process.execPath, ["-e", program], { cwd: join(__dirname, "../../..") });
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(server.requests).toHaveLength(1);
});
