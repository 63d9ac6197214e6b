/** Each row of the README's table of changes, through the engine, and its effect at Keycard. */
import { startEmulator } from "pulumi-keycard/emulator";
import { keycardOf } from "../../engine/keycard";
import { isNative, isOurToken } from "../../support/provider";
import { account, errorOutput, key, steps, useStack } from "../../support/stack";
import { twoOrganizations } from "../../support/tamper";

const stack = useStack("suite");
const REPLACED = ["create-replacement key", "replace key", "delete-replaced key"];

/** Returns the operations since an earlier number of calls, without sign-ins. */
async function operationsSince(before: number): Promise<string[]> {
  return (await stack.operations(before)).filter((operation) => operation !== "token");
}

test("creates what is declared, once", async () => {
  const { changes, outputs } = await stack.apply({
    deployer: account({ description: "Deploys from CI" }),
    key: key({ description: "GitHub Actions" }),
  });
  expect(changes).toEqual({ create: 3 });
  expect(outputs).toMatchObject({ key: { secret: true } });
  expect(await stack.accounts()).toMatchObject([{ name: "deployer", description: "Deploys from CI" }]);
  expect(await stack.credentials()).toMatchObject([{ name: "key", description: "GitHub Actions" }]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("keeps each resource in at most 1,750 bytes of compact JSON, 1,500 with the native provider, beside the stack trace that Pulumi records", async () => {
  // The stack trace holds paths of the machine: its length is not ours to choose, and the stand-in records none.
  const { resources = [] } = (await stack.engine.export()).deployment;
  const sizes = resources
    .filter(({ type }) => isOurToken(type))
    .map((resource) => Buffer.byteLength(JSON.stringify({ ...resource, stackTrace: undefined })));
  expect(sizes.length).toBe(2);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(isNative ? 1500 : 1750);
});

test("makes no call at all for an unchanged program", async () => {
  const before = await stack.requests();
  expect((await stack.up()).changes).toEqual({ same: 3 });
  expect(await stack.requests()).toEqual(before);
});

test("updates names and descriptions in place", async () => {
  const [[before], { clientId, clientSecret }] = [await stack.accounts(), await stack.outputs("key")];
  await stack.declare({
    deployer: account({ name: "releaser", description: "Releases" }),
    key: key({ name: "release key", description: "GitLab" }),
  });
  expect(steps(await stack.preview())).toEqual(["update deployer", "update key"]);
  expect(steps(await stack.up())).toEqual(["update deployer", "update key"]);

  const { id, created_at } = before ?? {};
  const renamed = { name: "release key", description: "GitLab" };
  expect(await stack.accounts()).toMatchObject([
    { id, name: "releaser", description: "Releases", created_at },
  ]);
  expect(await stack.credentials()).toMatchObject([{ client_id: clientId, ...renamed }]);
  expect(await stack.outputs("key")).toMatchObject({ clientSecret, ...renamed });
});

test("clears a removed description at Keycard", async () => {
  const program = { deployer: account({ name: "releaser" }), key: key({ name: "release key" }) };
  expect(steps(await stack.apply(program))).toEqual(["update deployer", "update key"]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
  expect((await stack.credentials())[0]).not.toHaveProperty("description");
  expect((await stack.up()).changes).toEqual({ same: 3 });
});

test("replaces nothing for another name of the same organization", async () => {
  const [[before], { clientSecret }] = [await stack.accounts(), await stack.outputs("key")];
  const organizationId = stack.emulator.organizationLabel;
  await stack.engine.setConfig("keycard:organizationId", organizationId);
  expect(steps(await stack.up())).toEqual(["update deployer", "update key"]);
  expect((await stack.accounts())[0]?.id).toBe(before?.id);
  expect(await stack.outputs("key")).toMatchObject({ organizationId, clientSecret });
});

test("reports a misspelt organization in the preview, and replaces nothing", async () => {
  const before = await stack.accounts();
  await stack.declare({
    deployer: account({ name: "releaser", organizationId: "elsewhere" }, { deleteBeforeReplace: true }),
  });
  expect(await errorOutput(stack.preview())).toContain('Organization "elsewhere" was not found');
  expect(await errorOutput(stack.up())).toContain('Organization "elsewhere" was not found');
  expect(await stack.accounts()).toEqual(before);
});

test("replaces account and credential for another organization, the new ones first", async () => {
  const other = await startEmulator();
  await stack.intercept(undefined, twoOrganizations(stack.emulator, other));
  await stack.engine.setConfig("keycard:organizationId", other.organizationId);
  await stack.declare({ deployer: account({ name: "releaser" }), key: key({ name: "release key" }) });
  const replacements = [
    ...["create-replacement deployer", "replace deployer", "create-replacement key", "replace key"],
    ...["delete-replaced key", "delete-replaced deployer"],
  ];
  expect(steps(await stack.preview())).toEqual(replacements);
  expect(steps(await stack.up())).toEqual(replacements);
  expect(await stack.accounts()).toEqual([]);
  const { id, organizationId } = await stack.outputs("deployer");
  expect(organizationId).toBe(other.organizationId);
  const { items } = await keycardOf(other).list(other.organizationId);
  expect(items).toMatchObject([{ id, name: "releaser" }]);

  await stack.apply({});
  await stack.configure();
  await other.close();
});

test.each([
  ["for another account", key(), key({ serviceAccountId: "${other.id}" })],
  [
    "when Pulumi's replacementTrigger changes",
    key({}, { replacementTrigger: "1" }),
    key({}, { replacementTrigger: "2" }),
  ],
])(
  "replaces a credential %s: the new one is created before the old one is deleted",
  async (_when, first, then) => {
    const accounts = { deployer: account({ name: "releaser" }), other: account() };
    await stack.apply({ ...accounts, key: first });
    const old = await stack.outputs("key");
    const before = (await stack.requests()).length;
    expect(steps(await stack.apply({ ...accounts, key: then }))).toEqual(REPLACED);
    const expected = ["listCredentials", "createCredential", "deleteCredential"];
    expect(await operationsSince(before)).toEqual(expected);
    expect(await stack.signsIn(old)).toBe(false);
    expect(await stack.signsIn("key")).toBe(true);
  },
);

test("rotates a credential when rotateWhenChanged changes; adding or removing it only records that", async () => {
  const declared = (rotateWhenChanged?: object, more: object = {}) => ({
    deployer: account({ name: "releaser" }),
    key: key({ ...(rotateWhenChanged ? { rotateWhenChanged } : {}), ...more }),
  });
  await stack.apply(declared());
  const old = await stack.outputs("key");
  let before = (await stack.requests()).length;
  expect(steps(await stack.apply(declared({ breach: "1" })))).toEqual(["update key"]);
  expect(await operationsSince(before)).toEqual([]);
  expect(await stack.outputs("key")).toMatchObject({
    clientSecret: old["clientSecret"],
    rotateWhenChanged: { breach: "1" },
  });
  expect((await stack.refresh()).changes).toEqual({ same: 3 });
  expect(steps(await stack.up())).toEqual([]);

  for (const map of [{ breach: "2" }, { breach: "2", month: "2026-11" }]) {
    const previous = await stack.outputs("key");
    expect(steps(await stack.plan(declared(map)))).toEqual(expect.arrayContaining(["replace key"]));
    expect(steps(await stack.up())).toEqual(REPLACED);
    expect(await stack.signsIn(previous)).toBe(false);
    expect(await stack.signsIn("key")).toBe(true);
  }

  // The resource that provides the value failed.
  expect(steps(await stack.apply(declared({ breach: { output: null }, month: "2026-11" })))).toEqual([]);
  before = (await stack.requests()).length;
  expect(steps(await stack.apply(declared(undefined, { name: "renamed" })))).toEqual(["update key"]);
  expect(await operationsSince(before)).toEqual(["updateCredential"]);
  expect(await stack.outputs("key")).not.toHaveProperty("rotateWhenChanged");
  await stack.apply(declared());
});

test("deletes what is no longer declared, a credential before its account", async () => {
  const before = (await stack.requests()).length;
  expect(steps(await stack.apply({}))).toEqual(["delete key", "delete deployer"]);
  expect(await operationsSince(before)).toEqual(["deleteCredential", "deleteServiceAccount"]);
  expect(await stack.accounts()).toEqual([]);
});
