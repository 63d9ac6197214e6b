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
import type { KeycardAPI, RequestOptions } from "pulumi-keycard/sdk";
import { addFault, clientOf, errorOf, requestsOf } from "./clientSupport";

let emulator: Emulator;
let client: KeycardAPI;
let organization_id: string;
let account: string;
let credential: string;

// A new emulator for each test: its counts begin at nothing, and a fault that is left over hits nobody.
beforeEach(async () => {
  emulator = await startEmulator();
  client = clientOf(emulator);
  organization_id = emulator.organizationId;
  const { serviceAccounts } = clientOf(emulator).organizations;
  account = (await serviceAccounts.create(organization_id, { name: "there" })).id;
  credential = (await serviceAccounts.credentials.create(account, { organization_id, name: "there" })).id;
});
afterEach(() => emulator.close());

type Operation = Exclude<FaultRule["operation"], "*">;

const accounts = () => client.organizations.serviceAccounts;
const credentials = () => accounts().credentials;
const key = () => ({ organization_id, service_account_id: account });

const CALLS: Record<Operation, (options?: RequestOptions) => PromiseLike<unknown>> = {
  token: (options) => accounts().list(organization_id, {}, options),
  createServiceAccount: (options) => accounts().create(organization_id, { name: "new" }, options),
  listServiceAccounts: (options) => accounts().list(organization_id, {}, options),
  retrieveServiceAccount: (options) => accounts().retrieve(account, { organization_id }, options),
  updateServiceAccount: (options) => accounts().update(account, { organization_id, name: "new" }, options),
  deleteServiceAccount: (options) => accounts().delete(account, { organization_id }, options),
  createCredential: (options) => credentials().create(account, { organization_id, name: "new" }, options),
  listCredentials: (options) => credentials().list(account, { organization_id }, options),
  retrieveCredential: (options) => credentials().retrieve(credential, key(), options),
  updateCredential: (options) => credentials().update(credential, { ...key(), name: "new" }, options),
  deleteCredential: (options) => credentials().delete(credential, key(), options),
};
const OPERATIONS = Object.keys(CALLS) as Operation[];
const CREATES: Operation[] = ["createServiceAccount", "createCredential"];
const REPEATABLE = OPERATIONS.filter((operation) => !CREATES.includes(operation));

/** The attempts of an operation by the client under test: the one that prepared the test made one of its own before. */
async function attemptsOf(operation: Operation) {
  const requests = await requestsOf(emulator, operation);
  return requests.slice(operation === "token" || CREATES.includes(operation) ? 1 : 0);
}

/** What a fault makes of a call, and how many attempts there were, all with one request ID. */
async function meet(fault: FaultRule & { operation: Operation }, options?: RequestOptions) {
  await addFault(emulator, fault);
  const outcome = await Promise.resolve(CALLS[fault.operation](options)).then(
    () => undefined,
    (error: unknown) => error,
  );
  const attempts = await attemptsOf(fault.operation);
  expect(new Set(attempts.map((request) => request.requestId)).size).toBe(1);
  return { outcome, attempts: attempts.length };
}

async function expectNothingCreated(): Promise<void> {
  expect((await accounts().list(organization_id)).items).toHaveLength(1);
  expect((await credentials().list(account, { organization_id })).items).toHaveLength(1);
}

describe.each(OPERATIONS)("%s", (operation) => {
  test.each([
    [403, PermissionDeniedError],
    [404, NotFoundError],
    [409, ConflictError],
    [410, APIError],
    [422, UnprocessableEntityError],
  ])("is not repeated after %i", async (status, kind) => {
    const { outcome, attempts } = await meet({ operation, status });
    expect(outcome).toBeInstanceOf(kind);
    expect(outcome).toMatchObject({ status, code: "injected_fault" });
    expect(attempts).toBe(1);
  });

  test("is not repeated after 400", async () => {
    const { outcome, attempts } = await meet({ operation, status: 400 });
    expect(outcome).toBeInstanceOf(operation === "token" ? AuthenticationError : BadRequestError);
    expect(attempts).toBe(1);
  });

  test("is repeated after 429, when the server allows it", async () => {
    const { outcome, attempts } = await meet({ operation, status: 429, retryAfter: 0, times: 2 });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(3);
  });

  test("is not repeated more often than allowed", async () => {
    client = clientOf(emulator, { maxRetries: 1 });
    const { outcome, attempts } = await meet({ operation, status: 429, retryAfter: 0, times: 9 });
    expect(outcome).toBeInstanceOf(RateLimitError);
    expect(outcome).toMatchObject({ status: 429, retryAfter: 0 });
    expect(attempts).toBe(2);
  });

  test("is not repeated when the server asks for a wait of minutes", async () => {
    const { outcome, attempts } = await meet({ operation, status: 429, retryAfter: 300 });
    expect(outcome).toBeInstanceOf(RateLimitError);
    expect((outcome as Error).message).toContain("try again in 300 s");
    expect(attempts).toBe(1);
  });
});

describe.each(REPEATABLE)("%s, which does no harm when repeated,", (operation) => {
  test.each([408, 500, 503])("is repeated after %i", async (status) => {
    const { outcome, attempts } = await meet({ operation, status, retryAfter: 0 });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
  });

  test("fails when the server goes on failing", async () => {
    const { outcome, attempts } = await meet({ operation, status: 502, retryAfter: 0, times: 9 });
    expect(outcome).toBeInstanceOf(InternalServerError);
    expect(attempts).toBe(3);
  });

  test("is repeated after the connection was cut", async () => {
    const { outcome, attempts } = await meet({ operation, reset: true });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
  });

  test("is repeated after no answer came in time", async () => {
    client = clientOf(emulator, { timeout: 400 });
    const { outcome, attempts } = await meet({ operation, delayMs: 60_000 });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
  });
});

describe.each(CREATES)("%s", (operation) => {
  test.each([408, 500, 503])("is not repeated after %i", async (status) => {
    const { outcome, attempts } = await meet({ operation, status, retryAfter: 0 });
    expect(outcome).toMatchObject({ status });
    expect(attempts).toBe(1);
    await expectNothingCreated();
  });

  test("is not repeated after the connection was cut", async () => {
    const { outcome, attempts } = await meet({ operation, reset: true });
    expect(outcome).toBeInstanceOf(APIConnectionError);
    expect(outcome).toMatchObject({ code: "ECONNRESET" });
    expect(attempts).toBe(1);
    await expectNothingCreated();
  });

  test("is not repeated after no answer came in time", async () => {
    const { outcome, attempts } = await meet({ operation, delayMs: 60_000 }, { timeout: 400 });
    expect(outcome).toBeInstanceOf(APIConnectionTimeoutError);
    expect(attempts).toBe(1);
  });

  test("is not repeated on any status if the call says so", async () => {
    const { outcome, attempts } = await meet({ operation, status: 429, retryAfter: 0 }, { maxRetries: 0 });
    expect(outcome).toBeInstanceOf(RateLimitError);
    expect(attempts).toBe(1);
  });
});

test.each(OPERATIONS.filter((operation) => operation !== "token"))(
  "%s is made once more, with a new token, after a 401",
  async (operation) => {
    const { outcome, attempts } = await meet({ operation, status: 401 });
    expect(outcome).toBeUndefined();
    expect(attempts).toBe(2);
    expect(await attemptsOf("token")).toHaveLength(2);
  },
);

test.each(OPERATIONS.filter((operation) => operation !== "token"))(
  "%s is given up after a second 401",
  async (operation) => {
    const { outcome, attempts } = await meet({ operation, status: 401, times: 9 });
    expect(outcome).toBeInstanceOf(AuthenticationError);
    expect(attempts).toBe(2);
  },
);

test("a refused sign-in is an authentication error and is not repeated", async () => {
  const { outcome, attempts } = await meet({ operation: "token", status: 401 });
  expect(outcome).toBeInstanceOf(AuthenticationError);
  expect((outcome as Error).message).toContain("signing in failed");
  expect(attempts).toBe(1);
});

test("a deletion whose answer was lost succeeds when its repeat finds nothing", async () => {
  await addFault(emulator, { operation: "deleteServiceAccount", status: 503, retryAfter: 0 });
  await addFault(emulator, { operation: "deleteServiceAccount", status: 404 });
  await expect(accounts().delete(account, { organization_id })).resolves.toBeUndefined();
});

test("a deletion that surely was not made fails when its repeat finds nothing", async () => {
  await addFault(emulator, { operation: "deleteServiceAccount", status: 429, retryAfter: 0 });
  await addFault(emulator, { operation: "deleteServiceAccount", status: 404 });
  const error = await errorOf(accounts().delete(account, { organization_id }));
  expect(error).toBeInstanceOf(NotFoundError);
});
