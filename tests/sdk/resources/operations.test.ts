import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { KeycardAPI, NotFoundError, PermissionDeniedError } from "pulumi-keycard/sdk";
import { clientOf, requestsOf } from "../../support/client";

let emulator: Emulator;
let client: KeycardAPI;
let org: string;

beforeAll(async () => {
  emulator = await startEmulator();
  client = clientOf(emulator);
  org = emulator.organizationId;
});
afterAll(() => emulator.close());

describe("service accounts", () => {
  test("are created with a name and a description", async () => {
    const created = await client.organizations.serviceAccounts.create(org, {
      name: "a",
      description: "for a",
    });
    expect(created).toMatchObject({ name: "a", description: "for a" });
    expect(created.id).toMatch(/^.{26}$/);
  });

  test("are created without a description, in an organization named by its label", async () => {
    const created = await client.organizations.serviceAccounts.create(emulator.organizationLabel, {
      name: "b",
    });
    expect(created).not.toHaveProperty("description");
  });

  test("are retrieved", async () => {
    const { serviceAccounts } = client.organizations;
    const created = await serviceAccounts.create(org, { name: "c" });
    expect(await serviceAccounts.retrieve(created.id, { organization_id: org })).toEqual(created);
  });

  test("are retrieved with permissions, if that is asked for", async () => {
    const { serviceAccounts } = client.organizations;
    const { id } = await serviceAccounts.create(org, { name: "d" });
    const retrieved = await serviceAccounts.retrieve(id, { organization_id: org, expand: ["permissions"] });
    expect(retrieved.permissions).toEqual(expect.any(Object));
  });

  test("are updated in the given values only", async () => {
    const { serviceAccounts } = client.organizations;
    const { id } = await serviceAccounts.create(org, { name: "e", description: "stays" });
    const updated = await serviceAccounts.update(id, { organization_id: org, name: "f" });
    expect(updated).toMatchObject({ id, name: "f", description: "stays" });
  });

  test("have no description after an update with an empty one", async () => {
    const { serviceAccounts } = client.organizations;
    const { id } = await serviceAccounts.create(org, { name: "g", description: "goes" });
    const updated = await serviceAccounts.update(id, { organization_id: org, description: "" });
    expect(updated.description ?? "").toBe("");
  });

  test("are deleted, after which they are not found", async () => {
    const { serviceAccounts } = client.organizations;
    const { id } = await serviceAccounts.create(org, { name: "h" });
    await expect(serviceAccounts.delete(id, { organization_id: org })).resolves.toBeUndefined();
    const deleted = serviceAccounts.retrieve(id, { organization_id: org });
    await expect(deleted).rejects.toThrow(NotFoundError);
    await expect(serviceAccounts.delete(id, { organization_id: org })).rejects.toThrow(NotFoundError);
  });

  test("are listed", async () => {
    const { serviceAccounts } = client.organizations;
    const created = await serviceAccounts.create(org, { name: "listed" });
    const page = await serviceAccounts.list(org);
    expect(page.items).toContainEqual(created);
  });
});

describe("credentials", () => {
  let account: string;

  beforeAll(async () => {
    account = (await client.organizations.serviceAccounts.create(org, { name: "owner" })).id;
  });
  const create = (name: string, description?: string) =>
    client.organizations.serviceAccounts.credentials.create(account, {
      organization_id: org,
      name,
      description,
    });
  const whose = () => ({ organization_id: org, service_account_id: account });

  test("are created with a secret that signs in", async () => {
    const created = await create("a", "for a");
    expect(created).toMatchObject({ name: "a", description: "for a" });
    const own = clientOf(emulator, { clientID: created.client_id, clientSecret: created.client_secret });
    // The sign-in succeeds, but the service account has no permission.
    await expect(own.organizations.serviceAccounts.list(org)).rejects.toThrow(PermissionDeniedError);
    const { credentials } = client.organizations.serviceAccounts;
    expect(await credentials.retrieve(created.id, whose())).toHaveProperty("last_used_at");
  });

  test("are retrieved without the secret", async () => {
    const { client_secret, ...rest } = await create("b");
    const { credentials } = client.organizations.serviceAccounts;
    expect(client_secret).toEqual(expect.any(String));
    expect(await credentials.retrieve(rest.id, whose())).toEqual(rest);
  });

  test("are retrieved with permissions, if that is asked for", async () => {
    const { id } = await create("c");
    const { credentials } = client.organizations.serviceAccounts;
    const retrieved = await credentials.retrieve(id, { ...whose(), expand: ["permissions", "total_count"] });
    expect(retrieved.permissions).toEqual(expect.any(Object));
  });

  test("are updated", async () => {
    const { id } = await create("d", "stays");
    const { credentials } = client.organizations.serviceAccounts;
    const updated = await credentials.update(id, { ...whose(), name: "e" });
    expect(updated).toMatchObject({ id, name: "e", description: "stays" });
  });

  test("are listed", async () => {
    const { id } = await create("f");
    const { credentials } = client.organizations.serviceAccounts;
    const page = await credentials.list(account, { organization_id: org });
    expect(page.items.map((item) => item.id)).toContain(id);
  });

  test("are deleted, after which they are not found", async () => {
    const { id } = await create("g");
    const { credentials } = client.organizations.serviceAccounts;
    await expect(credentials.delete(id, whose())).resolves.toBeUndefined();
    await expect(credentials.retrieve(id, whose())).rejects.toThrow(NotFoundError);
  });
});

test("every call has a request ID of its own, or the caller's", async () => {
  const other = await startEmulator();
  const own = "0b3a9d7e-52f1-4f0b-9c58-0f0b7f6d1a11";
  const { serviceAccounts } = clientOf(other).organizations;
  const organization_id = other.organizationId;
  const account = await serviceAccounts.create(organization_id, { name: "a", "X-Client-Request-ID": own });
  await serviceAccounts.create(organization_id, { name: "b" });
  await serviceAccounts.create(organization_id, { name: "c" });
  const ids = (await requestsOf(other, "createServiceAccount")).map((request) => request.requestId);
  expect(ids).toHaveLength(3);
  expect(ids[0]).toBe(own);
  expect(new Set(ids)).not.toContain(null);
  expect(new Set(ids).size).toBe(3);

  const { credentials } = serviceAccounts;
  const traced = { organization_id, "X-Client-Request-ID": own };
  const key = await credentials.create(account.id, { ...traced, name: "k" });
  const whose = { ...traced, service_account_id: account.id };
  await credentials.retrieve(key.id, whose);
  await credentials.update(key.id, { ...whose, name: "l" });
  await credentials.list(account.id, traced);
  await credentials.delete(key.id, whose);
  await serviceAccounts.retrieve(account.id, traced);
  await serviceAccounts.update(account.id, { ...traced, name: "d" });
  await serviceAccounts.list(organization_id, { "X-Client-Request-ID": own });
  await serviceAccounts.delete(account.id, traced);
  const operations = ["createCredential", "retrieveCredential", "updateCredential", "listCredentials"];
  operations.push(
    "deleteCredential",
    "retrieveServiceAccount",
    "updateServiceAccount",
    "listServiceAccounts",
  );
  for (const operation of [...operations, "deleteServiceAccount"]) {
    expect(await requestsOf(other, operation)).toMatchObject([{ requestId: own }]);
  }
  await other.close();
});

test("a ready-made token requires no sign-in", async () => {
  const other = await startEmulator();
  const { serviceAccounts } = new KeycardAPI({ baseURL: other.endpoint, apiKey: other.apiKey }).organizations;
  await serviceAccounts.list(other.organizationId);
  expect(await requestsOf(other, "token")).toHaveLength(0);
  await other.close();
});
