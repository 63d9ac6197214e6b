/** Lookups, called as a program calls them. */
import * as pulumi from "@pulumi/pulumi";
import * as keycard from "pulumi-keycard";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type { ServiceAccount } from "pulumi-keycard/sdk";
import { documented, table } from "../../docs";
import { clientOf, errorOf, printed, requestsOf } from "../../support/client";

/** More than fit on one page. */
const MANY = 1005;
const SECRET = "do-not-print-me";

let emulator: Emulator;
let accounts: ServiceAccount[];
let organizationId: string;

beforeAll(async () => {
  emulator = await startEmulator();
  organizationId = emulator.organizationId;
  const { serviceAccounts } = clientOf(emulator, { maxConcurrency: 50 }).organizations;
  const names = Array.from({ length: MANY }, (_, index) => (index < 3 ? "twin" : `ci-${index}`));
  const create = (name: string) =>
    serviceAccounts.create(organizationId, { name, ...(name === "ci-7" && { description: "seventh" }) });
  accounts = await Promise.all(names.map(create));
  configure();
});
afterAll(() => emulator.close());

/** Configures the program. Programs with different settings have different clients. */
function configure(more: Record<string, string> = {}): void {
  const { endpoint, clientId, clientSecret } = emulator;
  const settings = { endpoint, clientId, clientSecret, organizationId, ...more };
  const keys = Object.entries(settings).map(([key, value]) => [`keycard:${key}`, value]);
  pulumi.runtime.setAllConfig(Object.fromEntries(keys) as Record<string, string>, ["keycard:clientSecret"]);
}

function named(name: string): ServiceAccount {
  const found = accounts.find((account) => account.name === name);
  if (found === undefined) throw new Error(`There is no ${name}`);
  return found;
}

/** Counts the calls of an operation while `act` runs. */
async function calls(operation: string, act: () => Promise<unknown>): Promise<number> {
  const before = (await requestsOf(emulator, operation)).length;
  await act();
  return (await requestsOf(emulator, operation)).length - before;
}

const messageOf = async (lookup: Promise<unknown>) => (await errorOf(lookup)).message;

/** The internal methods of an output. */
interface Settled<T> {
  promise(): Promise<T>;
  isKnown: Promise<boolean>;
  isSecret: Promise<boolean>;
}

const settled = <T>(output: pulumi.Output<T>) => output as unknown as Settled<T>;

describe("getServiceAccount", () => {
  test("finds an account by ID, in one call, and by name, on any page", async () => {
    const { id, created_at: createdAt, updated_at: updatedAt } = named("ci-7");
    const expected = { id, organizationId, name: "ci-7", description: "seventh", createdAt, updatedAt };
    expect(await calls("listServiceAccounts", () => keycard.getServiceAccount({ id }))).toBe(0);
    expect(await keycard.getServiceAccount({ id })).toEqual(expected);
    expect(await keycard.getServiceAccount({ name: "ci-7" })).toEqual(expected);
    const last = await keycard.getServiceAccount({ name: `ci-${MANY - 1}` });
    expect(last.id).toBe(named(`ci-${MANY - 1}`).id);
    expect(last.description).toBeUndefined();
  });

  test("returns permissions if requested, and accepts an organization's label", async () => {
    const options = { organizationId: emulator.organizationLabel, permissions: true };
    const { id } = named("ci-7");
    for (const args of [{ id }, { name: "ci-7" }]) {
      const found = await keycard.getServiceAccount(args, options);
      expect(found.organizationId).toBe(emulator.organizationLabel);
      expect(found.permissions).toEqual({ service_accounts: { read: true, update: true, delete: true } });
    }
  });

  test("throws and lists the accounts if several have the name", async () => {
    const message = await messageOf(keycard.getServiceAccount({ name: "twin" }));
    expect(message).toMatch(/^getServiceAccount: 3 service accounts are named "twin":\n/);
    for (const { id, name } of accounts) expect(message.includes(id)).toBe(name === "twin");
    expect(message).toContain('{ id: "<its ID>" }');
  });

  test("throws and says what to check if there is no such account or organization", async () => {
    expect(await messageOf(keycard.getServiceAccount({ id: "nobody" }))).toBe(
      `getServiceAccount: The organization "${organizationId}" has no service account with the ID "nobody". Check the ID (an account's ID, not a client ID) and the option organizationId. If this program creates the account, use that resource's outputs instead of this function.`,
    );
    expect(await messageOf(keycard.getServiceAccount({ name: "Twin" }))).toContain(
      'no service account named "Twin". Check the name, which is case-sensitive,',
    );
    for (const args of [{ id: accounts[0]?.id ?? "" }, { name: "twin" }]) {
      expect(await messageOf(keycard.getServiceAccount(args, { organizationId: "elsewhere" }))).toContain(
        'Organization "elsewhere" was not found, or the credential that Pulumi signs in with cannot access it.',
      );
    }
  });
});

describe("getServiceAccounts", () => {
  test("reads all pages, in Keycard's order, and filters by name or prefix", async () => {
    const { serviceAccounts, permissions } = await keycard.getServiceAccounts();
    expect(serviceAccounts.map(({ id }) => id).sort()).toEqual(accounts.map(({ id }) => id).sort());
    expect(permissions).toBeUndefined();
    const found = await keycard.getServiceAccounts({ namePrefix: "ci-10" }, { permissions: true });
    const expected = accounts.filter(({ name }) => name.startsWith("ci-10"));
    expect(found.serviceAccounts.map(({ name }) => name).sort()).toEqual(
      expected.map(({ name }) => name).sort(),
    );
    expect(found.permissions).toEqual({ service_accounts: { create: true, read: true } });
    expect(found.serviceAccounts[0]?.permissions).toHaveProperty("service_accounts.delete", true);
    expect((await keycard.getServiceAccounts({ name: "twin" })).serviceAccounts.length).toBe(3);
    expect((await keycard.getServiceAccounts({ name: "nobody" })).serviceAccounts).toEqual([]);
  });

  test("lookups that start together share the calls and the token; a later lookup reads again", async () => {
    configure({ maxConcurrency: "7" });
    const together = () =>
      Promise.all([
        ...["ci-7", "ci-8", "ci-9"].map((name) => keycard.getServiceAccount({ name })),
        keycard.getServiceAccounts(),
      ]);
    expect(await calls("token", together)).toBe(1);
    expect(await calls("listServiceAccounts", together)).toBe(2);
    expect(await calls("listServiceAccounts", () => together().then(together))).toBe(4);
    expect(await calls("token", together)).toBe(0);
    configure();
  });
});

test("getServiceAccountCredentials returns all credentials of an account, without secrets", async () => {
  const { credentials } = clientOf(emulator).organizations.serviceAccounts;
  const { id: serviceAccountId } = named("ci-8");
  const inAccount = { organization_id: organizationId, service_account_id: serviceAccountId };
  const create = (params: { name: string; description?: string }) =>
    credentials.create(serviceAccountId, { ...inAccount, ...params });
  const used = await create({ name: "used", description: "by CI" });
  const idle = await create({ name: "idle" });
  await clientOf(emulator, { clientID: used.client_id, clientSecret: used.client_secret }).signIn();

  const found = await keycard.getServiceAccountCredentials({ serviceAccountId }, { permissions: true });
  const permissions = { credentials: { read: true, update: true, delete: true } };
  const expected = ({ id, name, client_id: clientId, created_at: createdAt }: typeof used) => {
    return { organizationId, serviceAccountId, id, name, clientId, createdAt, permissions };
  };
  const lastUsedAt = expect.any(String) as string;
  expect(found).toEqual({
    credentials: [{ ...expected(used), description: "by CI", lastUsedAt }, expected(idle)],
    permissions: { credentials: { create: true, read: true } },
  });
  expect(await keycard.getServiceAccountCredentials({ serviceAccountId: named("ci-9").id })).toEqual({
    credentials: [],
  });
  expect(await messageOf(keycard.getServiceAccountCredentials({ serviceAccountId: "nobody" }))).toContain(
    'no service account with the ID "nobody"',
  );
});

/** Returns a mistake, the name of the lookup, and its call. */
function refused<Args extends unknown[]>(
  what: string,
  lookup: (...args: Args) => Promise<unknown>,
  ...args: NoInfer<Args>
) {
  return [what, lookup.name, () => lookup(...args)] as const;
}

test("refuses invalid arguments before any call, as docs/bad-input.md shows", async () => {
  const { getServiceAccount, getServiceAccounts, getServiceAccountCredentials } = keycard;
  const wrong = [
    refused("arguments that are not an object", getServiceAccount, null as never),
    refused("options that are not an object", getServiceAccounts, {}, "acme" as never),
    refused("neither ID nor name", getServiceAccount, {} as { id: string }),
    // @ts-expect-error only one of them
    refused("both an ID and a name", getServiceAccount, { id: "an-id", name: "ci-7" }),
    refused("the name is empty", getServiceAccount, { name: "" }),
    refused("an ID that is a path", getServiceAccount, { id: "../x" }),
    // @ts-expect-error not a number
    refused("the name is a number", getServiceAccount, { name: 7 }),
    // @ts-expect-error outputs are for the Output form
    refused("an output", getServiceAccount, { name: pulumi.output("ci-7") }),
    refused("an empty prefix", getServiceAccounts, { namePrefix: "" }),
    // @ts-expect-error it is an option
    refused("the organization among the arguments", getServiceAccounts, { organizationId }),
    // @ts-expect-error dynamic providers have no such option
    refused("`provider`, an option of Pulumi's own functions", getServiceAccounts, {}, { provider: SECRET }),
    // @ts-expect-error it is true or false
    refused("permissions that are text", getServiceAccounts, {}, { permissions: SECRET }),
    refused("the organization ends with a space", getServiceAccounts, {}, { organizationId: "acme " }),
    // @ts-expect-error the account is missing
    refused("no account", getServiceAccountCredentials, {}),
    // @ts-expect-error a misspelt argument
    refused("a misspelt argument", getServiceAccountCredentials, { serviceAccountId: "an-id", names: [] }),
  ];
  const log = async () => (await fetch(`${emulator.endpoint}/_emulator/requests`)).text();
  const before = await log();
  const rows: string[][] = [];
  for (const [what, call, lookup] of wrong) {
    const message = await messageOf(lookup());
    expect(message.startsWith(`${call}: `)).toBe(true);
    rows.push([what, `\`${call}\``, message.slice(call.length + 2)]);
  }
  expect(rows.flat().join()).not.toContain(SECRET);
  expect(await log()).toBe(before);
  await documented("bad-input.md", "lookups", table(["mistake", "function", "error"], rows));
});

test("throws on invalid settings and failed sign-in, with advice and without a stack trace", async () => {
  const message = () => messageOf(keycard.getServiceAccounts());
  configure({ organizationId: "" });
  expect(await message()).toMatch(
    /^getServiceAccounts: organizationId is missing: .* or set the option organizationId$/,
  );
  pulumi.runtime.setAllConfig({}, []);
  expect(await message()).toMatch(
    /^getServiceAccounts: To sign in to Keycard, Pulumi needs a client ID .*\n.*\nLookups call Keycard .* see docs\/testing\.md in pulumi-keycard\.$/,
  );
  configure({ clientSecret: SECRET });
  const error = await errorOf(keycard.getServiceAccounts());
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(error.message).toContain("Check keycard:clientId and keycard:clientSecret");
  expect(printed(error)).not.toContain(SECRET);
  expect(printed(error)).not.toContain("node_modules");
  pulumi.runtime.setAllConfig({ "keycard:clientId": "id", "keycard:clientSecret": SECRET }, []);
  expect(await message()).toContain("keycard:clientSecret is configured in plain text");
  configure();
});

describe("with outputs", () => {
  /** Simulates a preview or an update: only in an update do created resources have IDs. */
  async function running(preview: boolean): Promise<void> {
    const mocks: pulumi.runtime.Mocks = {
      newResource: ({ inputs, name }) => ({
        id: preview ? undefined : `id-of-${name}`,
        state: inputs as object,
      }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    };
    await pulumi.runtime.setMocks(mocks, "project", "stack", preview);
  }

  test("looks up once the arguments are known, and returns typed outputs", async () => {
    const found: pulumi.Output<keycard.GetServiceAccountResult> = keycard.getServiceAccountOutput({
      name: pulumi.output(Promise.resolve("ci-7")),
    });
    const description: pulumi.Output<string | undefined> = found.description;
    expect(await settled(description).promise()).toBe("seventh");
    const all = keycard.getServiceAccountsOutput({}, { organizationId: pulumi.output(organizationId) });
    expect(await settled(all.serviceAccounts.apply((some) => some.length)).promise()).toBe(MANY);
    const none = keycard.getServiceAccountCredentialsOutput({ serviceAccountId: found.id });
    expect(await settled(none.credentials).promise()).toEqual([]);
    expect(await settled(found).isSecret).toBe(false);
  });

  test("returns a secret for a secret argument, and omits it from errors", async () => {
    const found = keycard.getServiceAccountOutput({ name: pulumi.secret("ci-7") });
    expect(await settled(found.id).isSecret).toBe(true);
    expect(await settled(found.id).promise()).toBe(named("ci-7").id);
    const none = keycard.getServiceAccountOutput({ name: pulumi.secret(`${SECRET} "`) });
    const unhandled = [settled(none).isKnown, settled(none).isSecret].map((one) => errorOf(one));
    const message = await messageOf(settled(none).promise());
    expect(message).toContain('no service account named "[secret]"');
    await Promise.all(unhandled);
  });

  test.each([true, false])(
    "waits until its dependencies exist, which is never in a preview (%s)",
    async (preview) => {
      await running(preview);
      const created = new keycard.ServiceAccount("ci-7");
      const lookups = [
        // In a preview the name is known, but the account does not exist yet.
        keycard.getServiceAccountsOutput({ name: created.name }),
        keycard.getServiceAccountsOutput({ name: "ci-7" }, { dependsOn: created }),
        keycard.getServiceAccountsOutput({ name: "ci-7" }, { dependsOn: pulumi.output([created]) }),
      ];
      const count = await calls("listServiceAccounts", async () => {
        expect(await Promise.all(lookups.map((one) => settled(one).isKnown))).toEqual(
          lookups.map(() => !preview),
        );
      });
      expect(count > 0).toBe(!preview);
      if (preview) return;
      for (const one of lookups)
        expect(await settled(one.serviceAccounts).promise()).toMatchObject([{ name: "ci-7" }]);
    },
  );

  test("a component in dependsOn is refused, since its resources cannot be awaited", async () => {
    await running(false);
    const team = new pulumi.ComponentResource("test:index:Team", "team");
    const found = settled(keycard.getServiceAccountsOutput({ name: "ci-7" }, { dependsOn: [team] }));
    const unhandled = [found.isKnown, found.isSecret].map((one) => errorOf(one));
    expect(await messageOf(found.promise())).toBe(
      "getServiceAccounts: dependsOn contains a component resource. Pass the resources that it contains instead.",
    );
    await Promise.all(unhandled);
  });

  test("keeps a program of the Automation API running until the lookup ends", async () => {
    await running(false);
    let found: unknown;
    void keycard.getServiceAccount({ name: "ci-7" }).then((account) => (found = account.id));
    await pulumi.runtime.disconnect();
    expect(found).toBe(named("ci-7").id);
  });
});
