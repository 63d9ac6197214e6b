/** The promise of each operation gives access to the response, as that of Keycard's own client does. */
import { APIPromise } from "pulumi-keycard/sdk";
import type { KeycardAPI } from "pulumi-keycard/sdk";
import type { Existing } from "../../support/client";
import { callsOf, clientOf, createExisting, errorOf, useEmulator } from "../../support/client";

const emulator = useEmulator();
let client: KeycardAPI;
let existing: Existing;
beforeEach(async () => {
  client = clientOf(emulator);
  existing = await createExisting(emulator);
});
const retrieve = (id: string) =>
  client.organizations.serviceAccounts.retrieve(id, { organization_id: emulator.organizationId });

test.each([
  ["createServiceAccount", 201],
  ["listServiceAccounts", 200],
  ["retrieveServiceAccount", 200],
  ["updateServiceAccount", 200],
  ["deleteServiceAccount", 204],
  ["createCredential", 201],
  ["listCredentials", 200],
  ["retrieveCredential", 200],
  ["updateCredential", 200],
  ["deleteCredential", 204],
] as const)("%s", async (operation, status) => {
  const promise: APIPromise<unknown> = callsOf(client, existing)[operation]();
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
  const promise = retrieve("missing");
  const errors = [promise, promise.asResponse(), promise.withResponse()].map(errorOf);
  for (const error of await Promise.all(errors))
    expect(error).toMatchObject({ name: "NotFoundError", status: 404 });
});

test("an invalid argument rejects the promise, and throws nothing", async () => {
  expect(await errorOf(retrieve(""))).toMatchObject({ name: "ArgumentError" });
});
