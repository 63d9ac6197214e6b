import { APIError, KeycardAPI, SignInError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch, Outcome, RequestOptions, ServiceAccounts } from "pulumi-keycard/sdk";
import { ACCOUNT, errorOf } from "../../support/client";

/** How one request fails: with a status, or with one of these. */
type Fault =
  | number
  | "refused"
  | "unresolved"
  | "reset"
  | "silent"
  | "malformed"
  | "another ID"
  | "too large"
  | "aborted";

const OK = {
  ...ACCOUNT,
  client_id: "c",
  client_secret: "s",
  access_token: "t",
  token_type: "Bearer",
  expires_in: 60,
};
const respond = (status: number, text: string) => ({
  status,
  headers: { get: (name: string) => (name === "retry-after" ? "0" : null) },
  text: () => Promise.resolve(text),
});
const fail = (code: string) => Promise.reject(Object.assign(new Error("failed"), { code }));

function meet(fault: Fault, abort: AbortController) {
  switch (fault) {
    case "refused":
      return fail("ECONNREFUSED");
    case "unresolved":
      return fail("ENOTFOUND");
    case "reset":
      return fail("ECONNRESET");
    case "aborted":
      abort.abort();
      return new Promise<never>(() => undefined);
    case "silent":
      return new Promise<never>(() => undefined);
    case "malformed":
      return Promise.resolve(respond(200, "<html>"));
    case "another ID":
      return Promise.resolve(respond(200, JSON.stringify({ ...OK, id: "other" })));
    case "too large":
      return Promise.resolve({ ...respond(200, ""), body: tooLarge() });
    default:
      return Promise.resolve(respond(fault, '{"code":"x","message":"no"}'));
  }
}
async function* tooLarge() {
  for (;;) yield Buffer.alloc(1e6);
}

const organization_id = "acme";
const CALLS: Record<string, (accounts: ServiceAccounts, options: RequestOptions) => PromiseLike<unknown>> = {
  create: (accounts, options) => accounts.create("acme", { name: "a" }, options),
  retrieve: (accounts, options) => accounts.retrieve("sa1", { organization_id }, options),
  update: (accounts, options) => accounts.update("sa1", { organization_id, name: "a" }, options),
  delete: (accounts, options) => accounts.delete("sa1", { organization_id }, options),
};

/** Makes a call whose requests meet these faults one after the other, and whose token requests meet `signIn`. */
async function failure(
  method: string,
  faults: Fault[],
  signIn: (Fault | undefined)[] = [],
  options: ClientOptions = {},
): Promise<APIError> {
  const abort = new AbortController();
  const fetch: Fetch = (url) => {
    const queue = url.endsWith("/service-account-token") ? signIn : faults;
    const fault = queue.shift();
    return fault === undefined ? Promise.resolve(respond(200, JSON.stringify(OK))) : meet(fault, abort);
  };
  const identity = { clientID: "id", clientSecret: "secret", baseURL: "https://api.example" };
  const client = new KeycardAPI({
    timeout: 50,
    // A status 429 does not count.
    maxRetries: Math.max(1, faults.filter((fault) => fault !== 429).length - 1),
    fetch,
    ...identity,
    ...options,
  });
  const call = CALLS[method]?.(client.organizations.serviceAccounts, { signal: abort.signal });
  const error = (await errorOf(Promise.resolve(call))) as APIError;
  expect(error).toBeInstanceOf(APIError);
  expect(faults).toEqual([]);
  return error;
}

const FAULTS: [Outcome, Fault[]][] = [
  ["not-sent", ["refused", "unresolved"]],
  ["rejected", [307, 400, 401, 403, 404, 409, 418, 422, 429]],
  ["unknown", [408, 500, 502, 503, "reset", "silent", "aborted", "too large", "malformed", "another ID"]],
];
/** Responses that some calls do not read: a new account has any ID, and a delete returns nothing. */
const NOT_READ: Record<string, Fault[]> = { create: ["another ID"], delete: ["malformed", "another ID"] };
const single = FAULTS.flatMap(([outcome, faults]) =>
  faults.flatMap((fault) => Object.keys(CALLS).map((method) => [method, fault, outcome] as const)),
).filter(([method, fault]) => !NOT_READ[method]?.includes(fault));

test.concurrent.each(single)("%s that meets %s: %s", async (method, fault, outcome) => {
  const signIn = fault === 401 ? [undefined, undefined] : [];
  const faults: Fault[] = fault === 401 ? [401, 401] : [fault];
  const error = await failure(method, faults, signIn, { maxRetries: 0 });
  expect(error.outcome).toBe(outcome);
});

test.concurrent.each<[string, Fault[], (Fault | undefined)[], Outcome]>([
  ["create", ["refused", 422], [], "rejected"],
  ["create", [429, "refused", "refused"], [], "rejected"],
  ["create", ["refused", 503], [], "unknown"],
  ["create", [429, "malformed"], [], "unknown"],
  ["update", [503, 404], [], "unknown"],
  ["update", ["reset", "refused"], [], "unknown"],
  ["update", ["silent", 429, 422], [], "unknown"],
  ["update", [503, "aborted"], [], "unknown"],
  ["update", [429, "refused", "unresolved"], [], "rejected"],
  ["delete", [503, 403], [], "unknown"],
  ["delete", [429, 404], [], "rejected"],
])("%s that meets %j: the earlier attempts count, too", async (method, faults, signIn, outcome) => {
  expect((await failure(method, faults, signIn)).outcome).toBe(outcome);
});

test.concurrent.each<Fault>([
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
])("a call whose sign-in meets %s is not sent", async (fault) => {
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
  const error = await failure("update", faults, [undefined, 401], { maxRetries: 1 });
  expect(error).toBeInstanceOf(SignInError);
  expect(error).toMatchObject({ outcome, hint: "Check the client ID and the client secret." });
  expect(error.message).toMatch(
    /^POST \/service-account-token failed: sign-in refused: status 401: x: no: try again/,
  );
  expect(error.stack).toContain("sign-in refused");
});

test("calls that wait for the same failing sign-in keep their own outcomes", async () => {
  let [updates, tokens] = [0, 0];
  const fetch: Fetch = async (url, { method }) => {
    if (url.endsWith("/service-account-token"))
      return ++tokens === 1 ? respond(200, JSON.stringify(OK)) : respond(401, "{}");
    if (method === "GET") return respond(401, "{}");
    return respond(++updates === 1 ? 503 : 401, "{}");
  };
  const identity = { clientID: "id", clientSecret: "secret", baseURL: "https://api.example" };
  const { serviceAccounts } = new KeycardAPI({ fetch, ...identity }).organizations;
  const update = errorOf(serviceAccounts.update("sa1", { organization_id, name: "a" }));
  const retrieve = errorOf(serviceAccounts.retrieve("sa1", { organization_id }));
  expect(await update).toMatchObject({ name: "SignInError", outcome: "unknown" });
  expect(await retrieve).toMatchObject({ name: "SignInError", outcome: "rejected" });
});

test.each<[Fault[], Outcome]>([
  [[], "not-sent"],
  [[429], "rejected"],
  [[503], "unknown"],
])("a call that is aborted in the wait after %j", async (faults, outcome) => {
  const abort = new AbortController();
  if (faults.length === 0) abort.abort();
  const fetch: Fetch = () => {
    const response = respond(Number(faults.shift()), "{}");
    return Promise.resolve({
      ...response,
      headers: { get: (name) => (name === "retry-after" ? "60" : null) },
    });
  };
  const logger = { error: () => 0, warn: () => 0, debug: () => 0, info: () => abort.abort() };
  const client = new KeycardAPI({ apiKey: "key", fetch, logLevel: "info", logger });
  const update = client.organizations.serviceAccounts.update("sa1", { organization_id }, abort);
  expect(await errorOf(update)).toMatchObject({ name: "APIUserAbortError", outcome });
});

test("a call that the rate limiter refuses is not sent", async () => {
  const fetch: Fetch = () =>
    Promise.resolve({
      ...respond(429, "{}"),
      headers: { get: (name) => (name === "retry-after" ? "61" : null) },
    });
  const { serviceAccounts } = new KeycardAPI({ apiKey: "key", fetch }).organizations;
  const create = () => errorOf(serviceAccounts.create("acme", { name: "a" }));
  expect(await create()).toMatchObject({ name: "RateLimitError", status: 429, outcome: "rejected" });
  const error = await create();
  expect(error).toMatchObject({ name: "RateLimitError", outcome: "not-sent" });
  expect(error).not.toHaveProperty("status");
});
