import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { NotFoundError, PermissionDeniedError } from "pulumi-keycard/sdk";
import type { Expand, ServiceAccounts } from "pulumi-keycard/sdk";
import { accountsAt, callsOf, clientOf, createExisting, requestsOf, useEmulator } from "../../support/client";

let emulator: Emulator;
let accounts: ServiceAccounts;
let organization_id: string;
let owner: string;
beforeAll(async () => {
  emulator = await startEmulator();
  accounts = clientOf(emulator).organizations.serviceAccounts;
  organization_id = emulator.organizationId;
  owner = (await accounts.create(organization_id, { name: "owner" })).id;
});
afterAll(() => emulator.close());

interface Values {
  name: string;
  description?: string;
}
type Params = Partial<Values> & { expand?: Expand[] };
const whose = () => ({ organization_id, service_account_id: owner });

const KINDS = {
  "service accounts": {
    create: (values: Values) => accounts.create(organization_id, values),
    list: () => accounts.list(organization_id),
    retrieve: (id: string, params?: Params) => accounts.retrieve(id, { organization_id, ...params }),
    update: (id: string, params: Params) => accounts.update(id, { organization_id, ...params }),
    delete: (id: string) => accounts.delete(id, { organization_id }),
  },
  credentials: {
    create: (values: Values) => accounts.credentials.create(owner, { organization_id, ...values }),
    list: () => accounts.credentials.list(owner, { organization_id }),
    retrieve: (id: string, params?: Params) => accounts.credentials.retrieve(id, { ...whose(), ...params }),
    update: (id: string, params: Params) => accounts.credentials.update(id, { ...whose(), ...params }),
    delete: (id: string) => accounts.credentials.delete(id, whose()),
  },
};

describe.each(Object.entries(KINDS))("%s", (_kind, resource) => {
  test("are created with a name and a description", async () => {
    const created = await resource.create({ name: "a", description: "for a" });
    expect(created).toMatchObject({ name: "a", description: "for a" });
    expect(created.id).toMatch(/^.{26}$/);
  });

  test("are retrieved and listed as they were created, but without a secret", async () => {
    const { client_secret, ...rest } = { client_secret: null, ...(await resource.create({ name: "b" })) };
    expect(client_secret).toEqual(_kind === "credentials" ? expect.any(String) : null);
    expect(await resource.retrieve(rest.id)).toEqual(rest);
    expect((await resource.list()).items).toContainEqual(rest);
  });

  test("are retrieved with permissions, if that is asked for", async () => {
    const { id } = await resource.create({ name: "c" });
    const { permissions } = await resource.retrieve(id, { expand: ["permissions", "total_count"] });
    expect(permissions).toEqual(expect.any(Object));
  });

  test("are updated in the given values only, and an empty description clears it", async () => {
    const { id } = await resource.create({ name: "d", description: "stays" });
    const renamed = await resource.update(id, { name: "e" });
    expect(renamed).toMatchObject({ id, name: "e", description: "stays" });
    const cleared = await resource.update(id, { description: "" });
    expect(cleared.description ?? "").toBe("");
  });

  test("are deleted, after which they are not found", async () => {
    const { id } = await resource.create({ name: "f" });
    await expect(resource.delete(id)).resolves.toBeUndefined();
    await expect(resource.retrieve(id)).rejects.toThrow(NotFoundError);
    await expect(resource.delete(id)).rejects.toThrow(NotFoundError);
  });
});

test("service accounts are created without a description, in an organization given by its label", async () => {
  const created = await accounts.create(emulator.organizationLabel, { name: "g" });
  expect(created).not.toHaveProperty("description");
});

test("credentials are created with a secret that signs in", async () => {
  const created = await KINDS.credentials.create({ name: "h" });
  const own = clientOf(emulator, { clientID: created.client_id, clientSecret: created.client_secret });
  // The sign-in succeeds, but the service account has no permission.
  await expect(own.organizations.serviceAccounts.list(organization_id)).rejects.toThrow(
    PermissionDeniedError,
  );
  expect(await KINDS.credentials.retrieve(created.id)).toHaveProperty("last_used_at");
});

describe("with an emulator of its own,", () => {
  const other = useEmulator();

  test("each call has a request ID of its own", async () => {
    const { serviceAccounts } = clientOf(other).organizations;
    for (const name of ["a", "b", "c"]) await serviceAccounts.create(other.organizationId, { name });
    const ids = (await requestsOf(other, "createServiceAccount")).map(({ requestId }) => requestId);
    expect(ids).toEqual(Array(3).fill(expect.any(String)));
    expect(new Set(ids).size).toBe(3);
  });

  test("every operation takes the caller's request ID", async () => {
    const own = "0b3a9d7e-52f1-4f0b-9c58-0f0b7f6d1a11";
    const existing = await createExisting(other);
    const calls = callsOf(clientOf(other), existing, { "X-Client-Request-ID": own });
    for (const [operation, call] of Object.entries(calls)) {
      await call();
      expect((await requestsOf(other, operation)).at(-1)).toMatchObject({ requestId: own });
    }
  });

  test("a ready-made token requires no sign-in", async () => {
    await accountsAt(other, { apiKey: other.apiKey }).list(other.organizationId);
    expect(await requestsOf(other, "token")).toHaveLength(0);
  });
});
