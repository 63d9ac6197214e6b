import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator, FaultRule } from "pulumi-keycard/emulator";
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "pulumi-keycard/sdk";
import type { ClientOptions, RequestOptions } from "pulumi-keycard/sdk";
import type { Existing } from "../../support/client";
import { addFault, callsOf, clientOf, createExisting, requestsOf } from "../../support/client";

type Operation = Exclude<FaultRule["operation"], "*">;

const CREATES: Operation[] = ["createServiceAccount", "createCredential"];
const REPEATABLE: Operation[] = [
  "token",
  "listServiceAccounts",
  "retrieveServiceAccount",
  "updateServiceAccount",
  "deleteServiceAccount",
  "listCredentials",
  "retrieveCredential",
  "updateCredential",
  "deleteCredential",
];
const OPERATIONS = [...CREATES, ...REPEATABLE];
const AUTHORIZED = OPERATIONS.filter((operation) => operation !== "token");

/** An emulator of one test's own. Tests run side by side, because most of their time is waiting. */
async function onStage<T>(play: (emulator: Emulator, existing: Existing) => Promise<T>): Promise<T> {
  const emulator = await startEmulator();
  try {
    return await play(emulator, await createExisting(emulator));
  } finally {
    await emulator.close();
  }
}

interface Options {
  call?: RequestOptions;
  client?: ClientOptions;
}

/** Makes a call that meets a fault. Returns its error, if any, and the number of its attempts, all with one request ID. */
async function meet(fault: FaultRule & { operation: Operation }, { call, client }: Options = {}) {
  return onStage(async (emulator, existing) => {
    const attemptsBefore = (await requestsOf(emulator, fault.operation)).length;
    const signInsBefore = (await requestsOf(emulator, "token")).length;
    await addFault(emulator, fault);
    const calls = callsOf(clientOf(emulator, client), existing, {}, call);
    const called: PromiseLike<unknown> =
      calls[fault.operation === "token" ? "listServiceAccounts" : fault.operation]();
    const outcome = await called.then(
      () => undefined,
      (error: unknown) => error,
    );
    const attempts = (await requestsOf(emulator, fault.operation)).slice(attemptsBefore);
    expect(new Set(attempts.map((request) => request.requestId)).size).toBe(1);
    const signIns = (await requestsOf(emulator, "token")).length - signInsBefore;
    return { outcome, attempts: attempts.length, signIns };
  });
}

test.concurrent.each([
  [400, BadRequestError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [410, APIError],
  [422, UnprocessableEntityError],
  [429, RateLimitError],
  [501, InternalServerError],
])("status %i has a class of its own, or the common one", async (status, kind) => {
  const fault = { operation: "retrieveServiceAccount", status } as const;
  const { outcome } = await meet(fault, { call: { maxRetries: 0 } });
  expect((outcome as Error).constructor).toBe(kind);
  expect(outcome).toMatchObject({ status, code: "injected_fault", name: kind.name });
});

type Case = [
  title: string,
  fault: Omit<FaultRule, "operation">,
  attempts: number,
  outcome?: unknown,
  options?: Options,
];
const error = (kind: { name: string }, fields = {}): unknown =>
  expect.objectContaining({ name: kind.name, ...fields });

function testEach(operation: Operation, cases: Case[]): void {
  test.concurrent.each(cases)("%s", async (_title, fault, attempts, outcome, options) => {
    expect(await meet({ operation, ...fault }, options)).toMatchObject({ outcome, attempts });
  });
}

describe.each(OPERATIONS)("%s", (operation) => {
  const taken = operation === "token" ? expect.any(AuthenticationError) : error(ConflictError);
  const late = expect.stringContaining("try again in 300 s");

  testEach(operation, [
    ["is not retried after 409", { status: 409 }, 1, taken],
    ["is retried after 429, when the server allows it", { status: 429, retryAfter: 0, times: 2 }, 3],
    [
      "is retried after 429 more often than maxRetries",
      { status: 429, retryAfter: 0, times: 3 },
      4,
      undefined,
      { client: { maxRetries: 1 } },
    ],
    [
      "is not retried when the server asks for a wait of minutes",
      { status: 429, retryAfter: 300 },
      1,
      error(RateLimitError, { message: late }),
    ],
  ]);
});

describe.each(REPEATABLE)("%s, which is idempotent,", (operation) => {
  testEach(operation, [
    ["is retried after 408", { status: 408, retryAfter: 0 }, 2],
    ["is retried after 500", { status: 500, retryAfter: 0 }, 2],
    [
      "fails when the server keeps failing",
      { status: 502, retryAfter: 0, times: 9 },
      3,
      error(InternalServerError),
    ],
    ["is retried after the connection was cut", { reset: true }, 2],
    ["is retried after a timeout", { delayMs: 60_000 }, 2, undefined, { client: { timeout: 1_000 } }],
  ]);
});

describe.each(CREATES)("%s", (operation) => {
  const cut = error(APIConnectionError, { code: "ECONNRESET" });
  const timeout = error(APIConnectionTimeoutError);

  testEach(operation, [
    ["is not retried after 408", { status: 408, retryAfter: 0 }, 1, expect.objectContaining({ status: 408 })],
    ["is not retried after 500", { status: 500, retryAfter: 0 }, 1, expect.objectContaining({ status: 500 })],
    ["is not retried after the connection was cut", { reset: true }, 1, cut],
    ["is not retried after a timeout", { delayMs: 60_000 }, 1, timeout, { call: { timeout: 400 } }],
    [
      "is not retried with maxRetries 0",
      { status: 429, retryAfter: 0 },
      1,
      error(RateLimitError),
      { call: { maxRetries: 0 } },
    ],
  ]);
});

describe.each(AUTHORIZED)("%s", (operation) => {
  test.concurrent("is retried once, with a new token, after a 401", async () => {
    const met = await meet({ operation, status: 401 });
    expect(met).toEqual({ outcome: undefined, attempts: 2, signIns: 2 });
  });

  test.concurrent("is given up after a second 401", async () => {
    const met = await meet({ operation, status: 401, times: 9 });
    expect(met).toMatchObject({ outcome: expect.any(AuthenticationError), attempts: 2 });
  });
});

test.concurrent.each([400, 401])("a sign-in that is refused with %i is not retried", async (status) => {
  const { outcome, attempts } = await meet({ operation: "token", status });
  expect(outcome).toBeInstanceOf(AuthenticationError);
  expect((outcome as Error).message).toContain("sign-in refused");
  expect(attempts).toBe(1);
});

test.concurrent.each([
  ["succeeds if the server may have acted on", 503, undefined],
  ["fails if the server surely did not act on", 429, NotFoundError],
])("a deletion whose retry gets a 404 %s the first attempt", async (_what, status, kind) => {
  await onStage(async (emulator, existing) => {
    await addFault(emulator, { operation: "deleteServiceAccount", status, retryAfter: 0 });
    await addFault(emulator, { operation: "deleteServiceAccount", status: 404 });
    const deletion = callsOf(clientOf(emulator), existing).deleteServiceAccount();
    await (kind ? expect(deletion).rejects.toThrow(kind) : expect(deletion).resolves.toBeUndefined());
  });
});
