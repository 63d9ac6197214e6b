import { getEventListeners, once } from "node:events";
import { APIConnectionTimeoutError, APIUserAbortError, KeycardAPI } from "pulumi-keycard/sdk";
import type { ClientOptions, RateLimitError } from "pulumi-keycard/sdk";
import { ACCOUNT, respondJson, errorOf, serve } from "../../support/client";
import type { TestServer } from "../../support/client";

let server: TestServer;
afterEach(() => server.close());

const waits: number[] = [];
const note = (line: string) => void waits.push(Number(/next attempt in (\d+) ms/.exec(line)?.[1]));
const logger = { error: note, warn: note, info: note, debug: note };
beforeEach(() => void waits.splice(0));

const accounts = (options: ClientOptions = {}) =>
  new KeycardAPI({ baseURL: server.endpoint, apiKey: "key", logLevel: "info", logger, ...options })
    .organizations.serviceAccounts;

/** Starts a server that responds with `status` that many times, and then succeeds. */
async function failing(times: number, status: number, headers: Record<string, string> = {}): Promise<void> {
  server = await serve((_request, response) => {
    const failed = server.requests.length <= times;
    respondJson(response, failed ? status : 200, failed ? {} : ACCOUNT, failed ? headers : {});
  });
}
const retrieve = (options?: ClientOptions) =>
  accounts(options).retrieve(ACCOUNT.id, { organization_id: "acme" });

test("waits grow exponentially, with jitter", async () => {
  await failing(2, 503);
  await retrieve();
  const [first = 0, second = 0] = waits;
  expect(waits).toHaveLength(2);
  expect(first).toBeGreaterThanOrEqual(250);
  expect(first).toBeLessThanOrEqual(500);
  expect(second).toBeGreaterThanOrEqual(500);
  expect(second).toBeLessThanOrEqual(1000);
});

test("a Retry-After in seconds is respected", async () => {
  await failing(1, 429, { "retry-after": "1" });
  await retrieve();
  expect(waits).toEqual([1000]);
});

test("a Retry-After with a date is respected", async () => {
  await failing(1, 503, { "retry-after": new Date(Date.now() + 2_000).toUTCString() });
  await retrieve();
  expect(waits).toHaveLength(1);
  expect([1000, 2000]).toContain(waits[0]); // Dates have no fractions of seconds.
});

test.each([-3600, 3600])(
  "a Retry-After with a date is measured by the server's clock, %d s off ours",
  async (off) => {
    const now = Date.now() + off * 1000;
    await failing(1, 503, {
      date: new Date(now).toUTCString(),
      "retry-after": new Date(now + 1000).toUTCString(),
    });
    await retrieve();
    expect(waits).toEqual([1000]);
  },
);

test.each([
  ["a Retry-After with a fraction", { "retry-after": "1.5" }, 1500],
  ["a Retry-After-Ms, which is more exact,", { "retry-after": "1", "retry-after-ms": "250" }, 250],
])("%s is respected", async (_, headers, wait) => {
  await failing(1, 503, headers);
  await retrieve();
  expect(waits).toEqual([wait]);
});

test("a Retry-After in the past means no wait", async () => {
  await failing(1, 429, { "retry-after": new Date(0).toUTCString() });
  await retrieve();
  expect(waits).toEqual([0]);
});

test("a Retry-After of more than a minute, in seconds or as a date, fails the call at once", async () => {
  await failing(9, 429, { "retry-after": "61" });
  expect(await errorOf(retrieve())).toMatchObject({ name: "RateLimitError", retryAfter: 61 });
  await server.close();
  await failing(9, 503, { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() });
  const error = (await errorOf(retrieve())) as RateLimitError;
  expect(error).toMatchObject({ name: "InternalServerError", status: 503 });
  expect(error.retryAfter).toBeGreaterThan(60);
  expect(waits).toEqual([]);
});

test("a call without a response in time fails with a timeout that names the limit", async () => {
  server = await serve(() => undefined);
  const error = await errorOf(retrieve({ timeout: 50, maxRetries: 0 }));
  expect(error).toBeInstanceOf(APIConnectionTimeoutError);
  expect(error.message).toContain("no response within 50 ms");
});

test("a response that starts in time but does not end is a timeout, too", async () => {
  server = await serve((_request, response) => void response.writeHead(200).write("{"));
  const error = await errorOf(accounts({ maxRetries: 0 }).create("acme", { name: "a" }, { timeout: 100 }));
  expect(error).toBeInstanceOf(APIConnectionTimeoutError);
});

test("a fetch that ignores its signal is timed out, too", async () => {
  server = await serve(() => undefined);
  const fetch = () => new Promise<never>(() => undefined);
  expect(await errorOf(retrieve({ fetch, timeout: 20, maxRetries: 0 }))).toBeInstanceOf(
    APIConnectionTimeoutError,
  );
});

test("an abort ends a call that waits for its response, and closes its connection", async () => {
  const controller = new AbortController();
  const closed: Promise<unknown>[] = [];
  server = await serve((request) => {
    closed.push(once(request.socket, "close"));
    controller.abort();
  });
  const call = accounts().retrieve("x", { organization_id: "acme" }, { signal: controller.signal });
  expect(await errorOf(call)).toBeInstanceOf(APIUserAbortError);
  expect(closed).toHaveLength(1);
  await Promise.all(closed);
});

test("an abort ends a call that waits for its next attempt", async () => {
  await failing(9, 503, { "retry-after": "60" });
  const controller = new AbortController();
  const info = () => controller.abort(); // Logged when the wait begins.
  const quiet = () => undefined;
  const options = { logger: { error: quiet, warn: quiet, info, debug: quiet } };
  const call = accounts(options).retrieve("x", { organization_id: "acme" }, { signal: controller.signal });
  const error = await errorOf(call);
  expect(error).toBeInstanceOf(APIUserAbortError);
  expect(error).toMatchObject({ method: "GET", path: "/organizations/acme/service-accounts/x" });
  expect(server.requests).toHaveLength(1);
});

test("a signal that many calls have used keeps no listeners", async () => {
  await failing(1, 429, { "retry-after": "0" });
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    await accounts().retrieve(ACCOUNT.id, { organization_id: "acme" }, { signal });
  }
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("20 calls at a time may share a signal, without a warning of Node's", async () => {
  await failing(0, 200);
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on("warning", warn);
  const { signal } = new AbortController();
  const calls = Array.from({ length: 20 }, () =>
    accounts().retrieve(ACCOUNT.id, { organization_id: "acme" }, { signal }),
  );
  await Promise.all(calls);
  await new Promise(setImmediate);
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});
