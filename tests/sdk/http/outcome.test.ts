import { APIError, SignInError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch, FetchResponse, Outcome, RequestOptions } from "pulumi-keycard/sdk";
import type { ServiceAccounts } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, PAIR, TOKEN } from "../../support/client";
import { accountsAt, errorOf, fetched, loggerTo } from "../../support/client";

const server = { endpoint: "https://api.example" };
const OK = { ...ACCOUNT, ...TOKEN, client_id: "c", client_secret: "s" };

const failed = (code: string) => Promise.reject(Object.assign(new Error("failed"), { code }));
const silence = () => new Promise<never>(() => undefined);
async function* tooLarge() {
  for (;;) yield Buffer.alloc(1e6);
}

/** What one request meets, other than a status of failure. */
const FAULTS = {
  refused: () => failed("ECONNREFUSED"),
  unresolved: () => failed("ENOTFOUND"),
  reset: () => failed("ECONNRESET"),
  silent: silence,
  aborted: (abort: AbortController) => {
    abort.abort();
    return silence();
  },
  malformed: () => Promise.resolve(fetched(200, "<html>")),
  "another ID": () => Promise.resolve(fetched(200, { ...OK, id: "other" })),
  "too large": () => Promise.resolve({ ...fetched(200, ""), body: tooLarge() }),
  success: () => Promise.resolve(fetched(200, OK)),
};
type Fault = number | keyof typeof FAULTS;

function meet(fault: Fault, abort: AbortController): Promise<FetchResponse> {
  if (typeof fault === "string") return FAULTS[fault](abort);
  return Promise.resolve(fetched(fault, { code: "x", message: "no" }, { "retry-after": "0" }));
}

const CALLS: Record<string, (accounts: ServiceAccounts, options: RequestOptions) => PromiseLike<unknown>> = {
  create: (accounts, options) => accounts.create("acme", { name: "a" }, options),
  retrieve: (accounts, options) => accounts.retrieve("sa1", ORG, options),
  update: (accounts, options) => accounts.update("sa1", { ...ORG, name: "a" }, options),
  delete: (accounts, options) => accounts.delete("sa1", ORG, options),
};

/** Makes a call whose requests meet these faults one after the other, and whose token requests meet `signIn`. */
async function failure(
  method: string,
  faults: Fault[],
  signIn: Fault[] = [],
  options: ClientOptions = {},
): Promise<APIError> {
  const abort = new AbortController();
  const fetch: Fetch = (url) => {
    const queue = url.endsWith("/service-account-token") ? signIn : faults;
    return meet(queue.shift() ?? "success", abort);
  };
  // A status 429 does not count.
  const maxRetries = Math.max(1, faults.filter((fault) => fault !== 429).length - 1);
  const accounts = accountsAt(server, { ...PAIR, timeout: 50, maxRetries, fetch, ...options });
  const error = (await errorOf(Promise.resolve(CALLS[method]?.(accounts, abort)))) as APIError;
  expect(error).toBeInstanceOf(APIError);
  expect(faults).toEqual([]);
  return error;
}

const OUTCOMES: [Outcome, Fault[]][] = [
  ["not-sent", ["refused", "unresolved"]],
  ["rejected", [307, 400, 401, 403, 404, 409, 418, 422, 429]],
  ["unknown", [408, 500, 502, 503, "reset", "silent", "aborted", "too large", "malformed", "another ID"]],
];
/** Responses that some calls do not read: a new account has any ID, and a delete returns nothing. */
const NOT_READ: Record<string, Fault[]> = { create: ["another ID"], delete: ["malformed", "another ID"] };
const single = OUTCOMES.flatMap(([outcome, faults]) =>
  faults.flatMap((fault) => Object.keys(CALLS).map((method) => [method, fault, outcome] as const)),
).filter(([method, fault]) => !NOT_READ[method]?.includes(fault));

test.concurrent.each(single)("%s that meets %s: %s", async (method, fault, outcome) => {
  // After a 401 the call is sent once more, with a new token.
  const faults = fault === 401 ? [401, 401] : [fault];
  const error = await failure(method, faults, [], { maxRetries: 0 });
  expect(error.outcome).toBe(outcome);
});

test.concurrent.each<[string, Fault[], Outcome]>([
  ["create", ["refused", 422], "rejected"],
  ["create", [429, "refused", "refused"], "rejected"],
  ["create", ["refused", 503], "unknown"],
  ["create", [429, "malformed"], "unknown"],
  ["update", [503, 404], "unknown"],
  ["update", ["reset", "refused"], "unknown"],
  ["update", ["silent", 429, 422], "unknown"],
  ["update", [503, "aborted"], "unknown"],
  ["update", [429, "refused", "unresolved"], "rejected"],
  ["delete", [503, 403], "unknown"],
  ["delete", [429, 404], "rejected"],
])("%s that meets %j: the earlier attempts count, too", async (method, faults, outcome) => {
  expect((await failure(method, faults)).outcome).toBe(outcome);
});

const NOT_SIGNED_IN: Fault[] = [
  400,
  401,
  404,
  429,
  503,
  "refused",
  "reset",
  "silent",
  "malformed",
  "too large",
];
test.concurrent.each(NOT_SIGNED_IN)("a call whose sign-in meets %s is not sent", async (fault) => {
  for (const method of Object.keys(CALLS)) {
    const error = await failure(method, [], [fault], { maxRetries: 0 });
    expect(error).toMatchObject({ outcome: "not-sent", path: "/service-account-token" });
    expect(error instanceof SignInError).toBe(typeof fault === "number" && fault < 405);
  }
});

test("the hint of a refused sign-in fits its status", async () => {
  const hintOf = async (status: number) => (await failure("update", [], [status], { maxRetries: 0 })).hint;
  expect(await hintOf(401)).toBe("Check the client ID and the client secret.");
  expect(await hintOf(404)).toBe("Check the endpoint: perhaps it is not that of Keycard's API.");
});

test.each<[Fault[], Outcome]>([
  [[401], "rejected"],
  [[503, 401], "unknown"],
])("a sign-in that fails after the call met %j leaves the outcome %s", async (faults, outcome) => {
  const error = await failure("update", faults, ["success", 401], { maxRetries: 1 });
  expect(error).toBeInstanceOf(SignInError);
  expect(error).toMatchObject({ outcome, hint: "Check the client ID and the client secret." });
  expect(error.message).toMatch(
    /^POST \/service-account-token failed: sign-in refused: status 401: x: no: try again/,
  );
  expect(error.stack).toContain("sign-in refused");
});

test("calls that wait for the same failing sign-in keep their own outcomes", async () => {
  const signIn: Fault[] = ["success", 401];
  const updates: Fault[] = [503, 401];
  const fetch: Fetch = (url, { method }) => {
    const queue = url.endsWith("/service-account-token") ? signIn : method === "GET" ? [] : updates;
    return meet(queue.shift() ?? 401, new AbortController());
  };
  const accounts = accountsAt(server, { ...PAIR, fetch });
  const update = errorOf(accounts.update("sa1", { ...ORG, name: "a" }));
  const retrieve = errorOf(accounts.retrieve("sa1", ORG));
  expect(await update).toMatchObject({ name: "SignInError", outcome: "unknown" });
  expect(await retrieve).toMatchObject({ name: "SignInError", outcome: "rejected" });
});

test.each<[number[], Outcome]>([
  [[], "not-sent"],
  [[429], "rejected"],
  [[503], "unknown"],
])("a call that is aborted in the wait after %j", async (statuses, outcome) => {
  const abort = new AbortController();
  if (statuses.length === 0) abort.abort();
  const fetch = () => Promise.resolve(fetched(Number(statuses.shift()), {}, { "retry-after": "60" }));
  const logger = loggerTo(() => abort.abort());
  const update = accountsAt(server, { fetch, logLevel: "info", logger }).update("sa1", ORG, abort);
  expect(await errorOf(update)).toMatchObject({ name: "APIUserAbortError", outcome });
});

test("a call that the rate limiter refuses is not sent", async () => {
  const fetch = () => Promise.resolve(fetched(429, {}, { "retry-after": "61" }));
  const accounts = accountsAt(server, { fetch });
  const create = () => errorOf(accounts.create("acme", { name: "a" }));
  expect(await create()).toMatchObject({ name: "RateLimitError", status: 429, outcome: "rejected" });
  const error = await create();
  expect(error).toMatchObject({ name: "RateLimitError", outcome: "not-sent" });
  expect(error).not.toHaveProperty("status");
});
