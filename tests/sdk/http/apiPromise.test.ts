/** The promise of each operation gives access to the response, as that of Keycard's own client does. */
import { APIPromise } from "pulumi-keycard/sdk";
import type { KeycardAPI, ServiceAccounts } from "pulumi-keycard/sdk";
import { clientOf, errorOf, useEmulator } from "../../support/client";

const emulator = useEmulator();
let client: KeycardAPI;
let account: string;
let key: string;
beforeEach(async () => {
  client = clientOf(emulator);
  const { serviceAccounts } = client.organizations;
  account = (await serviceAccounts.create(emulator.organizationId, { name: "existing" })).id;
  const place = { organization_id: emulator.organizationId };
  key = (await serviceAccounts.credentials.create(account, { ...place, name: "existing" })).id;
});

const place = () => ({ organization_id: emulator.organizationId });
const inAccount = () => ({ ...place(), service_account_id: account });
const OPERATIONS: [name: string, status: number, call: (them: ServiceAccounts) => APIPromise<unknown>][] = [
  ["create", 201, (them) => them.create(emulator.organizationId, { name: "a" })],
  ["list", 200, (them) => them.list(emulator.organizationId)],
  ["retrieve", 200, (them) => them.retrieve(account, place())],
  ["update", 200, (them) => them.update(account, { ...place(), name: "b" })],
  ["delete", 204, (them) => them.delete(account, place())],
  ["credentials.create", 201, (them) => them.credentials.create(account, { ...place(), name: "a" })],
  ["credentials.list", 200, (them) => them.credentials.list(account, place())],
  ["credentials.retrieve", 200, (them) => them.credentials.retrieve(key, inAccount())],
  ["credentials.update", 200, (them) => them.credentials.update(key, { ...inAccount(), name: "b" })],
  ["credentials.delete", 204, (them) => them.credentials.delete(key, inAccount())],
];

test.each(OPERATIONS)("%s", async (_name, status, call) => {
  const promise = call(client.organizations.serviceAccounts);
  expect(promise).toBeInstanceOf(APIPromise);
  const response = await promise.asResponse();
  expect(response).toBeInstanceOf(Response);
  const result = await promise;
  const both = await promise.withResponse();
  expect(both.data).toBe(result);
  expect(both.response).toBe(response);
  expect(response.status).toBe(status);
  expect(response.headers.get("x-client-request-id")).toMatch(/^[\da-f-]{36}$/);
  const body = await response.text();
  if (status === 204) expect([body, result]).toEqual(["", undefined]);
  else expect(JSON.parse(body)).toMatchObject({ ...(result as object) });
});

test("a failed call rejects all three", async () => {
  const promise = client.organizations.serviceAccounts.retrieve("missing", place());
  const errors = [promise, promise.asResponse(), promise.withResponse()].map((one) =>
    errorOf(Promise.resolve(one)),
  );
  for (const error of await Promise.all(errors))
    expect(error).toMatchObject({ name: "NotFoundError", status: 404 });
});

test("an invalid argument rejects the promise, and throws nothing", async () => {
  expect(
    await errorOf(Promise.resolve(client.organizations.serviceAccounts.retrieve("", place()))),
  ).toMatchObject({ name: "ArgumentError" });
});
