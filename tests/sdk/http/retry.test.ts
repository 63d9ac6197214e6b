import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator, FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
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
import type { ClientOptions, KeycardAPI, RequestOptions } from "pulumi-keycard/sdk";
import { addFault, clientOf, requestsOf } from "../../support/client";

type Operation = Exclude<FaultRule["operation"], "*">;

/**
 * An emulator of one test's own, with an account and a credential in it, and a client that has not signed in. Tests
 * run side by side, because most of their time is waiting.
 */
interface Stage {
  readonly emulator: Emulator;
  readonly client: KeycardAPI;
  readonly organization_id: string;
  readonly account: string;
  readonly credential: string;
}

async function onStage(clientOptions: ClientOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  const emulator = await startEmulator();
  try {
    const { organizationId: organization_id } = emulator;
    const { serviceAccounts } = clientOf(emulator).organizations;
    const { id: account } = await serviceAccounts.create(organization_id, { name: "existing" });
    const key = await serviceAccounts.credentials.create(account, { organization_id, name: "existing" });
    const client = clientOf(emulator, clientOptions);
    await play({ emulator, client, organization_id, account, credential: key.id });
  } finally {
    await emulator.close();
  }
}

const accounts = ({ client }: Stage) => client.organizations.serviceAccounts;
const credentials = (stage: Stage) => accounts(stage).credentials;
const owner = ({ organization_id }: Stage) => ({ organization_id });
const key = (stage: Stage) => ({ ...owner(stage), service_account_id: stage.account });

const CALLS: Record<Operation, (stage: Stage, options?: RequestOptions) => PromiseLike<unknown>> = {
  token: (on, options) => accounts(on).list(on.organization_id, {}, options),
  createServiceAccount: (on, options) => accounts(on).create(on.organization_id, { name: "new" }, options),
  listServiceAccounts: (on, options) => accounts(on).list(on.organization_id, {}, options),
  retrieveServiceAccount: (on, options) => accounts(on).retrieve(on.account, owner(on), options),
  updateServiceAccount: (on, options) =>
    accounts(on).update(on.account, { ...owner(on), name: "new" }, options),
  deleteServiceAccount: (on, options) => accounts(on).delete(on.account, owner(on), options),
  createCredential: (on, options) =>
    credentials(on).create(on.account, { ...owner(on), name: "new" }, options),
  listCredentials: (on, options) => credentials(on).list(on.account, owner(on), options),
  retrieveCredential: (on, options) => credentials(on).retrieve(on.credential, key(on), options),
  updateCredential: (on, options) =>
    credentials(on).update(on.credential, { ...key(on), name: "new" }, options),
  deleteCredential: (on, options) => credentials(on).delete(on.credential, key(on), options),
};
const OPERATIONS = Object.keys(CALLS) as Operation[];
const CREATES: Operation[] = ["createServiceAccount", "createCredential"];
const REPEATABLE = OPERATIONS.filter((operation) => !CREATES.includes(operation));
const AUTHORIZED = OPERATIONS.filter((operation) => operation !== "token");

/** Returns the requests of the client under test, without those that prepared the stage. */
async function attemptsOf({ emulator }: Stage, operation: Operation): Promise<LoggedRequest[]> {
  const requests = await requestsOf(emulator, operation);
  return requests.slice(operation === "token" || CREATES.includes(operation) ? 1 : 0);
}

interface Met {
  /** The error, if any. */
  outcome: unknown;
  /** All with one request ID. */
  attempts: number;
  signIns: number;
}

/** Makes a call that meets a fault. Returns its error, if any, and the number of its attempts. */
async function meet(
  fault: FaultRule & { operation: Operation },
  { call, client }: { call?: RequestOptions; client?: ClientOptions } = {},
): Promise<Met> {
  const met: Met = { outcome: undefined, attempts: 0, signIns: 0 };
  await onStage(client ?? {}, async (stage) => {
    await addFault(stage.emulator, fault);
    await Promise.resolve(CALLS[fault.operation](stage, call)).catch(
      (error: unknown) => (met.outcome = error),
    );
    const attempts = await attemptsOf(stage, fault.operation);
    expect(new Set(attempts.map((request) => request.requestId)).size).toBe(1);
    met.attempts = attempts.length;
    met.signIns = (await attemptsOf(stage, "token")).length;
  });
  return met;
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

describe.each(OPERATIONS)("%s", (operation) => {
  test.concurrent("is not retried after 409", async () => {
    const { outcome, attempts } = await meet({ operation, status: 409 });
    expect(outcome).toBeInstanceOf(operation === "token" ? AuthenticationError : ConflictError);
    expect(attempts).toBe(1);
  });

  test.concurrent("is retried after 429, when the server allows it", async () => {
    const { outcome, attempts } = await meet({ operation, status: 429, retryAfter: 0, times: 2 });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(3);
  });

  test.concurrent("is retried after 429 more often than maxRetries", async () => {
    const fault = { operation, status: 429, retryAfter: 0, times: 3 };
    const { outcome, attempts } = await meet(fault, { client: { maxRetries: 1 } });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(4);
  });

  test.concurrent("is not retried when the server asks for a wait of minutes", async () => {
    const { outcome, attempts } = await meet({ operation, status: 429, retryAfter: 300 });
    expect(outcome).toBeInstanceOf(RateLimitError);
    expect((outcome as Error).message).toContain("try again in 300 s");
    expect(attempts).toBe(1);
  });
});

describe.each(REPEATABLE)("%s, which is idempotent,", (operation) => {
  test.concurrent.each([408, 500])("is retried after %i", async (status) => {
    const { outcome, attempts } = await meet({ operation, status, retryAfter: 0 });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
  });

  test.concurrent("fails when the server keeps failing", async () => {
    const { outcome, attempts } = await meet({ operation, status: 502, retryAfter: 0, times: 9 });
    expect(outcome).toBeInstanceOf(InternalServerError);
    expect(attempts).toBe(3);
  });

  test.concurrent("is retried after the connection was cut", async () => {
    const { outcome, attempts } = await meet({ operation, reset: true });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
  });

  test.concurrent("is retried after a timeout", async () => {
    const { outcome, attempts } = await meet({ operation, delayMs: 60_000 }, { client: { timeout: 1_000 } });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
  });
});

describe.each(CREATES)("%s", (operation) => {
  test.concurrent.each([408, 500])("is not retried after %i", async (status) => {
    const { outcome, attempts } = await meet({ operation, status, retryAfter: 0 });
    expect(outcome).toMatchObject({ status });
    expect(attempts).toBe(1);
  });

  test.concurrent("is not retried after the connection was cut", async () => {
    const { outcome, attempts } = await meet({ operation, reset: true });
    expect(outcome).toBeInstanceOf(APIConnectionError);
    expect(outcome).toMatchObject({ code: "ECONNRESET" });
    expect(attempts).toBe(1);
  });

  test.concurrent("is not retried after a timeout", async () => {
    const { outcome, attempts } = await meet({ operation, delayMs: 60_000 }, { call: { timeout: 400 } });
    expect(outcome).toBeInstanceOf(APIConnectionTimeoutError);
    expect(attempts).toBe(1);
  });

  test.concurrent("is not retried with maxRetries 0", async () => {
    const { outcome, attempts } = await meet(
      { operation, status: 429, retryAfter: 0 },
      { call: { maxRetries: 0 } },
    );
    expect(outcome).toBeInstanceOf(RateLimitError);
    expect(attempts).toBe(1);
  });
});

test.concurrent.each(AUTHORIZED)("%s is retried once, with a new token, after a 401", async (operation) => {
  const { outcome, attempts, signIns } = await meet({ operation, status: 401 });
  expect(outcome).toBeUndefined();
  expect(attempts).toBe(2);
  expect(signIns).toBe(2);
});

test.concurrent.each(AUTHORIZED)("%s is given up after a second 401", async (operation) => {
  const { outcome, attempts } = await meet({ operation, status: 401, times: 9 });
  expect(outcome).toBeInstanceOf(AuthenticationError);
  expect(attempts).toBe(2);
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
  await onStage({}, async (stage) => {
    await addFault(stage.emulator, { operation: "deleteServiceAccount", status, retryAfter: 0 });
    await addFault(stage.emulator, { operation: "deleteServiceAccount", status: 404 });
    const deletion = accounts(stage).delete(stage.account, owner(stage));
    await (kind ? expect(deletion).rejects.toThrow(kind) : expect(deletion).resolves.toBeUndefined());
  });
});
