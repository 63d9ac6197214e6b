import { getEventListeners, once } from "node:events";
import type { RequestListener } from "node:http";
import { APIConnectionTimeoutError, APIUserAbortError } from "pulumi-keycard/sdk";
import type { ClientOptions, RateLimitError } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, accountsAt, errorOf, loggerTo, respondJson, useServer } from "../../support/client";

const server = useServer();

const waits: number[] = [];
const logger = loggerTo((line) => void waits.push(Number(/next attempt in (\d+) ms/.exec(line)?.[1])));
beforeEach(() => void waits.splice(0));

/** Makes the server respond with `status` that many times, and then with success. */
function fail(times: number, status: number, headers: Record<string, string> = {}): void {
  server.respond = (_request, response) => {
    if (server.requests.length > times) return respondJson(response, 200, ACCOUNT);
    return respondJson(response, status, {}, headers);
  };
}
const retrieve = (options: ClientOptions = {}, signal?: AbortSignal) =>
  accountsAt(server, { logLevel: "info", logger, ...options }).retrieve(ACCOUNT.id, ORG, { signal });

const inDate = (milliseconds: number) => new Date(milliseconds).toUTCString();

test("waits grow exponentially, with jitter", async () => {
  fail(2, 503);
  await retrieve();
  const [first = 0, second = 0] = waits;
  expect(waits).toHaveLength(2);
  expect(first).toBeGreaterThanOrEqual(250);
  expect(first).toBeLessThanOrEqual(500);
  expect(second).toBeGreaterThanOrEqual(500);
  expect(second).toBeLessThanOrEqual(1000);
});

test.each([
  ["in seconds", 429, { "retry-after": "1" }, 1000],
  ["with a fraction", 503, { "retry-after": "1.5" }, 1500],
  [
    "beside a Retry-After-Ms, which is more exact,",
    503,
    { "retry-after": "1", "retry-after-ms": "250" },
    250,
  ],
  ["in the past", 503, { "retry-after": inDate(0) }, 0],
])("a Retry-After %s is respected", async (_what, status, headers, wait) => {
  fail(1, status, headers);
  await retrieve();
  expect(waits).toEqual([wait]);
});

test("a Retry-After with a date is respected", async () => {
  fail(1, 503, { "retry-after": inDate(Date.now() + 2_000) });
  await retrieve();
  expect(waits).toHaveLength(1);
  expect([1000, 2000]).toContain(waits[0]); // Dates have no fractions of seconds.
});

test.each([-3600, 3600])(
  "a Retry-After with a date is measured by the server's clock, %d s off ours",
  async (off) => {
    const now = Date.now() + off * 1000;
    fail(1, 503, { date: inDate(now), "retry-after": inDate(now + 1000) });
    await retrieve();
    expect(waits).toEqual([1000]);
  },
);

test("a Retry-After of more than a minute, in seconds or as a date, fails the call at once", async () => {
  fail(9, 429, { "retry-after": "61" });
  expect(await errorOf(retrieve())).toMatchObject({ name: "RateLimitError", retryAfter: 61 });
  fail(9, 503, { "retry-after": inDate(Date.now() + 3_600_000) });
  const error = (await errorOf(retrieve())) as RateLimitError;
  expect(error).toMatchObject({ name: "InternalServerError", status: 503 });
  expect(error.retryAfter).toBeGreaterThan(60);
  expect(waits).toEqual([]);
});

test.each<[string, RequestListener, ClientOptions?]>([
  ["a call without a response in time", () => undefined],
  [
    "a response that starts in time but does not end",
    (_request, response) => void response.writeHead(200).write("{"),
  ],
  ["a fetch that ignores its signal", () => undefined, { fetch: () => new Promise<never>(() => undefined) }],
])("%s ends with a timeout that names the limit", async (_what, respond, options = {}) => {
  server.respond = respond;
  const error = await errorOf(retrieve({ timeout: 100, maxRetries: 0, ...options }));
  expect(error).toBeInstanceOf(APIConnectionTimeoutError);
  expect(error.message).toContain("no response within 100 ms");
});

test("an abort ends a call that waits for its response, and closes its connection", async () => {
  const controller = new AbortController();
  const closed: Promise<unknown>[] = [];
  server.respond = (request) => {
    closed.push(once(request.socket, "close"));
    controller.abort();
  };
  expect(await errorOf(retrieve({}, controller.signal))).toBeInstanceOf(APIUserAbortError);
  expect(closed).toHaveLength(1);
  await Promise.all(closed);
});

test("an abort ends a call that waits for its next attempt", async () => {
  fail(9, 503, { "retry-after": "60" });
  const controller = new AbortController();
  const abortInWait = loggerTo(() => controller.abort());
  const error = await errorOf(retrieve({ logger: abortInWait }, controller.signal));
  expect(error).toBeInstanceOf(APIUserAbortError);
  expect(error).toMatchObject({ method: "GET", path: "/organizations/acme/service-accounts/sa1" });
  expect(server.requests).toHaveLength(1);
});

test("a signal that many calls have used keeps no listeners", async () => {
  fail(1, 429, { "retry-after": "0" });
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) await retrieve({}, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("20 calls at a time may share a signal, without a warning of Node's", async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on("warning", warn);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => retrieve({}, signal)));
  await new Promise(setImmediate);
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});
