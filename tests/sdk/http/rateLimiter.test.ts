/** All calls of a client obey a rate limit together. Most tests use fake timers. */
import { getEventListeners } from "node:events";
import { startEmulator } from "pulumi-keycard/emulator";
import { APIUserAbortError, RateLimitError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch, KeycardAPI, RequestOptions } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, PAIR, TOKEN, addFault, clientAt, clientOf, errorOf } from "../../support/client";
import { fetched, loggerTo, recordingLogger, requestsOf, respondJson, useServer } from "../../support/client";
import { RETRY_AFTER, fixedWindow, strictWindow } from "../../support/rateLimits";
import type { Limiter } from "../../support/rateLimits";

/** A request as the server received it; times in milliseconds. */
interface Seen {
  readonly sentAt: number;
  readonly id: string | undefined;
  readonly refused: boolean;
  /** When the client has received the response. */
  readonly answeredAt: number;
  /** When a refusal says to come back, or NaN. */
  readonly backAt: number;
}

/** A server with fake timers: request and response take 10 ms each. */
class Api {
  readonly seen: Seen[] = [];

  constructor(
    private readonly limiter: Limiter,
    private readonly retryAfter: (wait: number) => string | undefined = RETRY_AFTER.seconds,
  ) {}

  readonly fetch: Fetch = async (url) => {
    const sentAt = Date.now();
    await after(10);
    const wait = this.limiter(Date.now());
    const refused = wait !== undefined;
    const header = refused ? this.retryAfter(wait) : undefined;
    const backAt = /^\d+$/.test(header ?? "") ? Date.now() + 1000 * Number(header) : Date.parse(header ?? "");
    await after(10);
    const id = new URL(url).pathname.split("/").pop();
    this.seen.push({ sentAt, id, refused, answeredAt: Date.now(), backAt });
    if (!refused) return fetched(200, { ...ACCOUNT, ...TOKEN, id });
    return fetched(429, { message: "slow down" }, header === undefined ? {} : { "retry-after": header });
  };

  client(options: ClientOptions = {}): KeycardAPI {
    return clientAt({ endpoint: "https://api.example" }, { fetch: this.fetch, ...options });
  }

  get refusals(): Seen[] {
    return this.seen.filter(({ refused }) => refused);
  }

  /** Requests that were sent although the client knew that it was to wait. */
  get impatient(): Seen[] {
    return this.seen.filter(({ sentAt }) =>
      this.refusals.some(({ answeredAt, backAt }) => answeredAt < sentAt && sentAt < backAt),
    );
  }
}

const after = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Advances the fake timers until all calls have ended, and returns their errors. */
async function errorsOf(calls: Promise<unknown>[]): Promise<unknown[]> {
  let ended: PromiseSettledResult<unknown>[] | undefined;
  void Promise.allSettled(calls).then((results) => (ended = results));
  while (ended === undefined) await jest.advanceTimersByTimeAsync(10);
  return ended.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
}

const retrieve = (client: KeycardAPI, id = "sa1", options?: RequestOptions) =>
  Promise.resolve(client.organizations.serviceAccounts.retrieve(id, ORG, options));
const retrieveMany = (client: KeycardAPI, count: number) =>
  Array.from({ length: count }, (_, index) => retrieve(client, `sa${index}`));

describe("with fake timers,", () => {
  beforeEach(() => void jest.useFakeTimers({ now: 0, doNotFake: ["nextTick", "queueMicrotask"] }));
  afterEach(() => void jest.useRealTimers());

  describe.each([
    ["a window", fixedWindow],
    ["a window that counts refused calls", strictWindow],
  ])("a limit of 5 calls a second, by %s,", (_kind, limit) => {
    test.each(["seconds", "a date", "nothing"] as const)(
      "lets 200 calls through with %s in Retry-After",
      async (retryAfter) => {
        const api = new Api(limit(5, 1000), RETRY_AFTER[retryAfter]);
        expect(await errorsOf(retrieveMany(api.client(), 200))).toEqual([]);
        expect(api.seen.length - api.refusals.length).toBe(200);
        expect(api.refusals.length).toBeLessThan(200);
        expect(api.impatient).toEqual([]);
      },
    );
  });

  test("sequential calls and the sign-in before them get through", async () => {
    const api = new Api(fixedWindow(1, 1000), RETRY_AFTER.nothing);
    const client = api.client(PAIR);
    const chain = async () => {
      for (let i = 0; i < 5; i++) await retrieve(client);
    };
    expect(await errorsOf([chain(), chain()])).toEqual([]);
  });

  test("concurrency falls after a refusal and rises after success", async () => {
    const second = fixedWindow(8, 1000);
    const api = new Api((now) => (now < 3000 ? second(now) : undefined));
    await errorsOf(retrieveMany(api.client(), 300));
    const refusedIn = (from: number) =>
      api.refusals.filter(({ sentAt }) => from <= sentAt && sentAt < from + 1000).length;
    expect(refusedIn(0)).toBeGreaterThan(refusedIn(1000));
    expect(refusedIn(1000)).toBeGreaterThan(refusedIn(2000));
    const last = api.seen.filter(({ sentAt }) => sentAt === api.seen.at(-20)?.sentAt);
    expect(last).toHaveLength(16);
  });

  test.each([
    [1, "0"],
    [4, "0"],
    [4, "1"],
  ])(
    "%i requests that are refused together precede those not sent yet, with a Retry-After of %s",
    async (count, retryAfter) => {
      let refused = 0;
      const api = new Api(
        () => (++refused <= count ? 1000 : undefined),
        () => retryAfter,
      );
      await errorsOf(retrieveMany(api.client({ maxConcurrency: count }), 9));
      const order = Array.from({ length: 9 }, (_, index) => `sa${index}`);
      expect(api.seen.map(({ id }) => id)).toEqual([...order.slice(0, count), ...order]);
    },
  );

  test("of several waits that the server asks for together, the longest counts", async () => {
    const waits = [2000, 9000, 4000];
    const api = new Api(() => waits.shift());
    expect(await errorsOf(retrieveMany(api.client(), 3))).toEqual([]);
    expect(api.refusals).toHaveLength(3);
    expect(api.impatient).toEqual([]);
  });

  test("a client from withOptions shares the wait if it has the same endpoint", async () => {
    let first = true;
    const api = new Api(() => (first ? ((first = false), 3000) : undefined));
    const client = api.client();
    const shared = client.withOptions({ apiKey: "another", timeout: 1000 });
    const calls = [retrieve(client)];
    await jest.advanceTimersByTimeAsync(100);
    calls.push(retrieve(shared));
    calls.push(retrieve(client.withOptions({ baseURL: "https://other.example" }), "elsewhere"));
    calls.push(retrieve(client.withOptions({ maxConcurrency: 4 }), "apart"));
    await errorsOf(calls);
    expect(api.impatient.map(({ id }) => id)).toEqual(["elsewhere", "apart"]);
    expect(api.seen).toHaveLength(5);
  });

  test("a refused sign-in makes all calls wait", async () => {
    const limit = fixedWindow(1, 5000);
    limit(0);
    const api = new Api(limit);
    const client = api.client(PAIR);
    const calls = [retrieve(client)];
    await jest.advanceTimersByTimeAsync(1000);
    calls.push(retrieve(client.withOptions({ apiKey: "key" })));
    expect(await errorsOf(calls)).toEqual([]);
    expect(api.impatient).toEqual([]);
  });

  test.each([
    ["nothing", RETRY_AFTER.nothing],
    ["0", () => "0"],
  ])(
    "a server that refuses everything, with %s in Retry-After, fails all calls within four minutes, and works again later",
    async (_what, retryAfter) => {
      const hour = 3_600_000;
      const api = new Api((now) => (now < hour + 60_000 ? 1000 : undefined), retryAfter);
      const client = api.client();
      const errors = await errorsOf(retrieveMany(client, 100));
      expect(errors).toHaveLength(100);
      for (const error of errors) {
        expect(error).toBeInstanceOf(RateLimitError);
        expect((error as Error).message).toContain("status 429: slow down");
      }
      expect(Date.now()).toBeLessThan(240_000);
      expect(api.seen.length).toBeLessThan(100);

      await jest.advanceTimersByTimeAsync(hour - Date.now());
      expect(await errorsOf(retrieveMany(client, 100))).toEqual([]);
    },
  );

  test.each(["seconds", "nothing"] as const)(
    "a lone call is patient for two minutes, with %s in Retry-After",
    async (retryAfter) => {
      const api = new Api((now) => (now > 1000 ? 1000 : undefined), RETRY_AFTER[retryAfter]);
      const client = api.client({ maxRetries: 1 });
      await errorsOf([retrieve(client)]);
      await jest.advanceTimersByTimeAsync(1000);
      const start = Date.now();
      expect(await errorsOf([retrieve(client)])).toMatchObject([{ status: 429 }]);
      expect(Date.now() - start).toBeGreaterThanOrEqual(120_000);
      expect(Date.now() - start).toBeLessThan(140_000);
      expect(api.impatient).toEqual([]);
    },
  );

  test("a sign-in that many calls wait for is patient", async () => {
    const refusals = Array<number>(5).fill(1000);
    const api = new Api(() => refusals.pop());
    const client = api.client(PAIR);
    expect(await errorsOf(retrieveMany(client, 20))).toEqual([]);
    expect(api.refusals.map(({ id }) => id)).toEqual(Array(5).fill("service-account-token"));
  });

  test("with maxRetries 0 a refused call is not sent again", async () => {
    const api = new Api(() => 1000);
    const client = api.client({ maxRetries: 0 });
    expect(await errorsOf([retrieve(client)])).toMatchObject([{ status: 429 }]);
    expect(api.seen).toHaveLength(1);
  });

  test("a Retry-After of more than a minute fails all calls at once, and is tried again a minute later", async () => {
    const waits = [1000];
    const api = new Api((now) => (now < 60_000 ? 3_600_000 : waits.shift()));
    const client = api.client({ maxConcurrency: 4 });
    const rejected = { name: "RateLimitError", retryAfter: 3600 };
    expect(await errorsOf(retrieveMany(client, 50))).toMatchObject(Array(50).fill(rejected));
    expect(api.seen).toHaveLength(4);
    const [unsent] = (await errorsOf([retrieve(client)])) as RateLimitError[];
    expect(unsent?.message).toContain("not sent, because the server keeps rejecting calls: status 429");
    expect(unsent).not.toHaveProperty("status");
    expect(api.seen).toHaveLength(4);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(await errorsOf(retrieveMany(client, 10))).toEqual([]);
    expect(waits).toEqual([]);
  });

  test("the wait for the rate limiter does not count towards a call's timeout", async () => {
    const api = new Api(fixedWindow(1, 1000));
    const client = api.client({ maxConcurrency: 1, timeout: 30 });
    expect(await errorsOf(retrieveMany(client, 5))).toEqual([]);
  });

  test("an abort ends a call's wait for the rate limiter, and the other calls continue", async () => {
    const api = new Api(fixedWindow(1, 5000));
    const client = api.client({ maxConcurrency: 1 });
    const [queued, paused] = [new AbortController(), new AbortController()];
    const first = retrieve(client, "sent");
    const aborted = [retrieve(client, "queued", queued)];
    const second = retrieve(client, "refused");
    aborted.push(retrieve(client, "paused", paused));
    const calls = [first, second, retrieve(client, "last")];
    const errors = aborted.map(errorOf);
    queued.abort();
    await jest.advanceTimersByTimeAsync(1000);
    paused.abort();
    for (const error of await Promise.all(errors)) expect(error).toBeInstanceOf(APIUserAbortError);
    expect(await errorsOf(calls)).toEqual([]);
    expect(api.seen.map(({ id }) => id)).toEqual(["sent", "refused", "refused", "last", "last"]);
    for (const { signal } of [queued, paused]) expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("each wait is logged once, without secrets", async () => {
    const { lines, logger } = recordingLogger();
    const api = new Api(fixedWindow(10, 1000));
    const client = api.client({ apiKey: "s3cret", logLevel: "info", logger });
    await errorsOf(retrieveMany(client, 30));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/status 429: slow down: .*; all calls wait, next attempt in 1000 ms$/);
      expect(line).not.toContain("s3cret");
    }
  });
});

const server = useServer();

test.each([
  ["16", undefined, 16],
  ["3 (maxConcurrency)", 3, 3],
])("no more than %s calls are under way, as the server sees it", async (_what, maxConcurrency, allowed) => {
  let [underWay, most] = [0, 0];
  const held: (() => void)[] = [];
  server.respond = (_request, response) => {
    most = Math.max(most, ++underWay);
    held.push(() => respondJson(response, 200, ACCOUNT));
    response.once("close", () => underWay--);
    // Responds to the first requests once all that may come have arrived, and leaves time for one too many.
    if (most >= allowed) setTimeout(() => held.splice(0).forEach((respond) => respond()), 5);
  };
  const client = clientAt(server, { maxConcurrency });
  const other = client.withOptions({ timeout: 5000 });
  const create = (by: KeycardAPI) => by.organizations.serviceAccounts.create("acme", { name: "one" });
  await Promise.all(Array.from({ length: 50 }, (_, index) => create(index % 2 ? client : other)));
  expect(most).toBe(allowed);
});

test("after a 429, no request is sent before Retry-After has passed", async () => {
  const held: (() => void)[] = [];
  const arrivals: number[] = [];
  let refusedAt = 0;
  server.respond = (_request, response) => {
    arrivals.push(performance.now());
    if (arrivals.length > 16) return respondJson(response, 200, ACCOUNT);
    held.push(() => respondJson(response, 200, ACCOUNT));
    if (arrivals.length < 16) return;
    refusedAt = performance.now();
    respondJson(response, 429, {}, { "retry-after": "1" });
  };
  // The other responses arrive when the log reports the pause: requests that then have a place must wait, too.
  const logger = loggerTo(() => held.slice(0, -1).forEach((respond) => respond()));
  const client = clientAt(server, { logLevel: "info", logger });
  await Promise.all(Array.from({ length: 30 }, () => retrieve(client)));
  const later = arrivals.slice(16);
  expect(later).toHaveLength(15);
  expect(Math.min(...later)).toBeGreaterThanOrEqual(refusedAt + 1000);
});

test("refused creates are retried, and each is executed once", async () => {
  const emulator = await startEmulator();
  const { serviceAccounts } = clientOf(emulator).organizations;
  const { organizationId } = emulator;
  await addFault(emulator, { operation: "createServiceAccount", status: 429, retryAfter: 0, times: 20 });
  const names = Array.from({ length: 40 }, (_, index) => `account ${index}`);
  await Promise.all(names.map((name) => serviceAccounts.create(organizationId, { name })));
  const created = (await serviceAccounts.list(organizationId, { limit: 100 })).items.map(({ name }) => name);
  expect(created.sort()).toEqual(names.sort());
  expect(await requestsOf(emulator, "createServiceAccount")).toHaveLength(60);
  await emulator.close();
});
