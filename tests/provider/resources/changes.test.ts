/** Each row of the README's table of changes, through the engine, with Keycard's side of it. */
import { startEmulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "pulumi-keycard/sdk";
import { account, credential, Stack, operations, steps } from "../stack";
import { tamper } from "../tamper";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

test("what is declared is made, once", async () => {
  await stack.declare({
    deployer: account({ description: "Deploys from CI" }),
    key: credential({ serviceAccountId: "${deployer.id}", description: "GitHub Actions" }),
  });
  const { changes, outputs } = await stack.up();
  expect(changes).toEqual({ create: 3 });
  expect(outputs).toMatchObject({ key: { secret: true } });

  const [made] = await stack.accounts();
  expect(made).toMatchObject({ name: "deployer", description: "Deploys from CI" });
  expect(await stack.credentials()).toMatchObject([{ name: "key", description: "GitHub Actions" }]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("a program that has not changed makes no call at all", async () => {
  const before = await stack.requests();
  expect((await stack.up()).changes).toEqual({ same: 3 });
  expect(await stack.requests()).toEqual(before);
});

test("names and descriptions are updated in place", async () => {
  const [before, key] = [await stack.accounts(), await stack.outputs("key")];
  await stack.declare({
    deployer: account({ name: "releaser", description: "Releases" }),
    key: credential({ serviceAccountId: "${deployer.id}", name: "release key", description: "GitLab" }),
  });
  expect(steps(await stack.preview())).toEqual(["update deployer", "update key"]);
  expect(steps(await stack.up())).toEqual(["update deployer", "update key"]);

  expect(await stack.accounts()).toMatchObject([
    { id: before[0]?.id, name: "releaser", description: "Releases", created_at: before[0]?.created_at },
  ]);
  expect(await stack.credentials()).toMatchObject([
    { client_id: key["clientId"], name: "release key", description: "GitLab" },
  ]);
  expect(await stack.outputs("key")).toMatchObject({
    clientSecret: key["clientSecret"],
    name: "release key",
    description: "GitLab",
  });
});

test("a description that is taken away is cleared at Keycard", async () => {
  await stack.declare({
    deployer: account({ name: "releaser" }),
    key: credential({ serviceAccountId: "${deployer.id}", name: "release key" }),
  });
  expect(steps(await stack.up())).toEqual(["update deployer", "update key"]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
  expect((await stack.credentials())[0]).not.toHaveProperty("description");
  expect((await stack.up()).changes).toEqual({ same: 3 });
});

test("another name of the same organization replaces nothing", async () => {
  const [before, key] = [await stack.accounts(), await stack.outputs("key")];
  await stack.engine.setConfig("keycard:organizationId", stack.emulator.organizationLabel);
  expect(steps(await stack.up())).toEqual(["update deployer", "update key"]);
  expect((await stack.accounts())[0]?.id).toBe(before[0]?.id);
  expect(await stack.outputs("key")).toMatchObject({
    organizationId: stack.emulator.organizationLabel,
    clientSecret: key["clientSecret"],
  });
});

test("a misspelt organization is told in the preview, and replaces nothing", async () => {
  const before = await stack.accounts();
  await stack.declare({
    deployer: account({ name: "releaser", organizationId: "elsewhere" }, { deleteBeforeReplace: true }),
  });
  await expect(stack.preview()).rejects.toThrow(/Organization "elsewhere" was not found/);
  await expect(stack.up()).rejects.toThrow(/Organization "elsewhere" was not found/);
  expect(await stack.accounts()).toEqual(before);
});

test("another organization replaces the account and its credential, the new ones first", async () => {
  const other = await startEmulator();
  const proxy = await tamper(({ path }) =>
    path.includes(`/${other.organizationId}/`)
      ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
      : { endpoint: stack.emulator.endpoint },
  );
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.engine.setConfig("keycard:organizationId", other.organizationId);
  await stack.declare({
    deployer: account({ name: "releaser" }),
    key: credential({ serviceAccountId: "${deployer.id}", name: "release key" }),
  });
  const replacements = [
    "create-replacement deployer",
    "replace deployer",
    "create-replacement key",
    "replace key",
    "delete-replaced key",
    "delete-replaced deployer",
  ];
  expect(steps(await stack.preview())).toEqual(replacements);
  expect(steps(await stack.up())).toEqual(replacements);
  expect(await stack.accounts()).toEqual([]);
  const { id, organizationId } = await stack.outputs("deployer");
  expect(organizationId).toBe(other.organizationId);
  const moved = new KeycardAPI({ baseURL: other.endpoint, apiKey: other.apiKey }).organizations
    .serviceAccounts;
  expect((await moved.list(other.organizationId)).items).toMatchObject([{ id, name: "releaser" }]);

  await stack.declare({});
  await stack.up();
  await stack.configure();
  proxy.close();
  await other.close();
});

test("another account replaces the credential: the new one is made before the old one is deleted", async () => {
  await stack.declare({
    deployer: account({ name: "releaser" }),
    other: account(),
    key: credential({ serviceAccountId: "${deployer.id}" }),
  });
  await stack.up();
  const old = await stack.outputs("key");
  const before = (await stack.requests()).length;
  await stack.declare({
    deployer: account({ name: "releaser" }),
    other: account(),
    key: credential({ serviceAccountId: "${other.id}" }),
  });
  expect(steps(await stack.up())).toEqual(["create-replacement key", "replace key", "delete-replaced key"]);

  const made = operations((await stack.requests()).slice(before));
  expect(made.filter((operation) => operation !== "token")).toEqual([
    "listCredentials",
    "createCredential",
    "deleteCredential",
  ]);
  expect(await stack.signsIn(old)).toBe(false);
  expect(await stack.signsIn("key")).toBe(true);
});

test("Pulumi's own trigger rotates a credential", async () => {
  const declare = (replacementTrigger: string) =>
    stack.declare({
      deployer: account({ name: "releaser" }),
      key: credential({ serviceAccountId: "${deployer.id}" }, { replacementTrigger }),
    });
  await declare("1");
  await stack.up();
  const old = await stack.outputs("key");
  await declare("2");
  expect(steps(await stack.up())).toEqual(["create-replacement key", "replace key", "delete-replaced key"]);
  expect(await stack.signsIn(old)).toBe(false);
  expect(await stack.signsIn("key")).toBe(true);
});

test("what is no longer declared is deleted, a credential before its account", async () => {
  const before = (await stack.requests()).length;
  await stack.declare({});
  expect(steps(await stack.up())).toEqual(["delete key", "delete deployer"]);
  expect(
    operations((await stack.requests()).slice(before)).filter((operation) => operation !== "token"),
  ).toEqual(["deleteCredential", "deleteServiceAccount"]);
  expect(await stack.accounts()).toEqual([]);
});
