/** Hostile responses: each fails with a clear error in bounded time and memory. */
import type { EventEmitter } from "node:events";
import type { RequestListener } from "node:http";
import type { Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { APIConnectionTimeoutError, APIError, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, PAIR, TOKEN } from "../../support/client";
import { accountsAt, errorOf, printed, reply, useServer } from "../../support/client";

const server = useServer();
const accounts = (options?: ClientOptions) => accountsAt(server, { maxRetries: 0, ...options });
const retrieve = (options?: ClientOptions) => accounts(options).retrieve(ACCOUNT.id, ORG);

const closed = (stream: EventEmitter) => new Promise((resolve) => stream.once("close", resolve));

describe("a body of 100 MB", () => {
  const MEGABYTE = Buffer.alloc(1e6, " ");
  let sent: number;
  let cut: Promise<unknown>;

  /** Sends one megabyte after the other, as long as somebody reads them. */
  const pours =
    (status: number, headers = {}): RequestListener =>
    (_request, response) => {
      response.writeHead(status, headers);
      cut = closed(response);
      sent = 0;
      const more = () => {
        while (sent < 100 && !response.destroyed) {
          sent++;
          if (!response.write(MEGABYTE)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    };

  const sized = { "content-length": "100000000" };
  const remove = (options?: ClientOptions) => accounts(options).delete(ACCOUNT.id, ORG);

  test.each([
    ["with a Content-Length", pours(200, sized), retrieve, "MalformedResponseError"],
    ["without a Content-Length", pours(200), retrieve, "MalformedResponseError"],
    ["of a call that ignores the body", pours(200), remove, "MalformedResponseError"],
    ["of an error", pours(503), retrieve, "InternalServerError"],
    ["of a refusal", pours(404), remove, "NotFoundError"],
    ["at sign-in", pours(200), () => retrieve(PAIR), "MalformedResponseError"],
    ["of an error at sign-in", pours(401), () => retrieve(PAIR), "SignInError"],
    ["for Node's own fetch", pours(200), () => retrieve({ fetch: fetch as Fetch }), "MalformedResponseError"],
  ])("%s is not read to its end", async (_what, pouring, call, name) => {
    server.respond = pouring;
    const error = await errorOf(call());
    expect(error.name).toBe(name);
    expect((error as APIError).status).toBeGreaterThanOrEqual(200);
    await cut;
    // 16 MiB are read; the rest is what buffers between the two hold.
    expect(sent).toBeLessThan(50);
  });

  test("that is compressed is not decompressed to its end", async () => {
    const packed = Buffer.concat(Array<Buffer>(500).fill(gzipSync(MEGABYTE)));
    server.respond = (_request, response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
    const before = process.memoryUsage().rss;
    expect((await errorOf(retrieve())).message).toContain("more than 16777216 bytes");
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });
});

describe("a response that never ends", () => {
  /** Writes this again and again. */
  const every = (text: string, stream: Writable) => {
    const timer = setInterval(() => stream.write(text), 20);
    stream.on("close", () => clearInterval(timer));
  };

  test.each<[string, RequestListener]>([
    ["whose body trickles", (_request, response) => every(" ", response.writeHead(200))],
    ["of an error", (_request, response) => every(" ", response.writeHead(500))],
    [
      "whose headers trickle",
      ({ socket }) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        every("X: y\r\n", socket);
      },
    ],
    ["that sends only interim responses", ({ socket }) => every("HTTP/1.1 102 Processing\r\n\r\n", socket)],
    [
      "that switches protocols",
      ({ socket }) =>
        socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    ],
  ])("%s ends with a timeout, and its connection is closed", async (_what, trickle) => {
    let ended: Promise<unknown> = Promise.resolve();
    server.respond = (request, response) => {
      ended = closed(request.socket);
      trickle(request, response);
    };
    expect(await errorOf(retrieve({ timeout: 200 }))).toBeInstanceOf(APIConnectionTimeoutError);
    await ended;
  });
});

describe("JSON", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const braces = `${'{"b":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  const account = JSON.stringify(ACCOUNT);
  /** Returns an account with more properties. */
  const accountWith = (properties: string) => `${account.slice(0, -1)},${properties}}`;

  test.each([
    ["of 100,000 brackets", deep, "the body must be object"],
    ["of 100,000 brackets that stay open", "[".repeat(100_000), "not JSON"],
    [
      "of 100,000 braces in the permissions",
      accountWith(`"permissions":{"a":${braces}}`),
      "/permissions must be boolean",
    ],
    ["of invalid numbers", '{"id":1e999}', "the body must have required property 'name'"],
    ["that only inherits required properties", `{"__proto__":${account}}`, "the body must have"],
  ])("%s is malformed", async (_what, body, message) => {
    server.respond = reply(200, body);
    const error = await errorOf(retrieve());
    expect(error).toBeInstanceOf(MalformedResponseError);
    expect(error.message).toContain(`malformed response: ${message}`);
  });

  test("with a million violations reports the first one", async () => {
    const page_info = { has_next_page: false, has_prev_page: false };
    server.respond = reply(200, { page_info, items: Array(1e6 + 1).fill({}) });
    const { message } = await errorOf(accounts().list("acme"));
    expect(message).toMatch(
      /malformed response: \/items\/0 must have required property 'id' \(request ID \S+\)$/,
    );
  });

  test("with 100,000 brackets in an unknown property is accepted", async () => {
    server.respond = reply(200, accountWith(`"new_in_the_api":${deep}`));
    await expect(retrieve()).resolves.toMatchObject({ id: ACCOUNT.id });
  });

  const polluted = '"constructor":{"prototype":{"polluted":1}}';
  test.each([
    ["an account", accountWith(`"__proto__":{"polluted":1},${polluted}`), 200],
    [
      "permissions",
      accountWith('"permissions":{"__proto__":{"polluted":true},"constructor":{"x":true}}'),
      200,
    ],
    ["an error", `{"__proto__":{"message":"polluted","code":"x"},${polluted}}`, 400],
    [
      "an error of signing in",
      '{"__proto__":{"error":"polluted"},"error":{"__proto__":{"polluted":1}}}',
      401,
    ],
  ])("with `__proto__` and `constructor` in %s changes no other object", async (_what, body, status) => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    server.respond = reply(status, body);
    const outcome = await retrieve().catch((error: unknown) => error);
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect({}).not.toHaveProperty("polluted");
    expect(Object.prototype.toString.call(outcome)).toMatch(/Object|Error/);
    expect(outcome).not.toMatchObject({ polluted: expect.anything() as unknown });
    if (outcome instanceof Error) expect(printed(outcome)).not.toContain("polluted");
  });

  test("with invalid UTF-8 or lone surrogates is still read", async () => {
    const named = (name: string) => account.replace(ACCOUNT.name, name);
    const invalid = Buffer.from(named("\xff\xc0"), "latin1");
    server.respond = (_request, response) => void response.writeHead(200).end(invalid);
    await expect(retrieve()).resolves.toMatchObject({ name: "\ufffd\ufffd" });
    server.respond = reply(200, `\ufeff${named("\\ud800\\u0000\\u001b")}`);
    await expect(retrieve()).resolves.toMatchObject({ name: "\ud800\0\u001b" });
  });
});

describe("a secret that OAuth does not allow", () => {
  test.each(["\ufffd", "a\nb", "a\0b", "é"])("(%j) is malformed", async (text) => {
    server.respond = reply(201, { ...ACCOUNT, client_id: "c", client_secret: text });
    const error = await errorOf(accounts().credentials.create("sa1", { ...ORG, name: "a" }));
    expect(error).toBeInstanceOf(MalformedResponseError);
    expect(error.message).toContain("/client_secret must match pattern");
  });

  test("as a token is malformed, and the error does not offer the token's response as the call's", async () => {
    server.respond = reply(200, { ...TOKEN, id: "sa1", access_token: "a\nb" });
    const error = await errorOf(accounts(PAIR).create("acme", { name: "a" }));
    expect(error).toBeInstanceOf(MalformedResponseError);
    expect(error).toMatchObject({ path: "/service-account-token" });
    expect((error as MalformedResponseError).response()).toBeUndefined();
    expect(server.requests).toHaveLength(1);
  });
});

describe("status line and headers", () => {
  test.each(["9".repeat(400), "99999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])(
    "that ask to wait for years (%#) fail the call at once, with the wait",
    async (retryAfter) => {
      server.respond = reply(429, {}, { "retry-after": retryAfter });
      const error = (await errorOf(retrieve({ maxRetries: 2 }))) as APIError;
      expect(error.name).toBe("RateLimitError");
      expect(error.message).toMatch(/try again in \d+ s/);
      expect(error.retryAfter).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each(["", "-1", "1.5 s", "1e9", "soon", "NaN", "1, 2", "tomorrow GMT", "x".repeat(10_000)])(
    "with an invalid Retry-After (%#) are treated as without one",
    async (retryAfter) => {
      server.respond = reply(429, {}, { "retry-after": retryAfter });
      const error = await errorOf(retrieve());
      expect(error.message).toContain("status 429 (request ID");
      expect(error).not.toHaveProperty("retryAfter", expect.anything());
    },
  );

  test.each([
    ["a header of a megabyte", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(1e6)}\r\n\r\n`],
    ["100,000 headers", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(100_000)}\r\n`],
    ["a length below 0", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}"],
    [
      "a length beside chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["no HTTP at all", "hello\r\n\r\n"],
    ["the status 000", "HTTP/1.1 000 What\r\nContent-Length: 0\r\n\r\n"],
    ["the status 999", "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"],
    ["no content", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["packing that is none", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"],
  ])("that are absurd (%s) fail the call with an APIError", async (_what, bytes) => {
    server.respond = ({ socket }) => void socket.end(bytes);
    const error = await errorOf(accounts().create("acme", { name: "on a connection of its own" }));
    expect(error).toBeInstanceOf(APIError);
    expect(error.message.length).toBeLessThan(500);
  });
});
