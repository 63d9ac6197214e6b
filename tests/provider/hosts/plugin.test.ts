/** The native provider over Pulumi's protocol, without an engine; tests/engine/real/native.test.ts runs it with the Pulumi CLI. */
import { spawnSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { PLUGIN } from "../../engine/standIn/nativeHost";
import { secret, unknown } from "../../engine/values";
import { keycardOf } from "../../engine/keycard";
import { addFault, requestsOf, useEmulator } from "../../support/client";
import { advanceClock } from "../../support/clock";
import { InitError, Plugin, urnOf } from "../../support/plugin";

const emulator = useEmulator();
let plugin: Plugin;

beforeEach(async () => {
  const { endpoint, clientId, clientSecret, organizationId } = emulator;
  plugin = await Plugin.start({
    endpoint,
    clientId,
    clientSecret: secret({ value: clientSecret }),
    organizationId,
  });
});
afterEach(() => plugin.close());

const keycard = () => keycardOf(emulator);
const organization = () => ({ organization_id: emulator.organizationId });

/** Checks and creates a resource, as an `up` does. */
async function create(name: string, args: object) {
  const { inputs, failures } = await plugin.check(name, { ...args });
  expect(failures).toEqual([]);
  return { inputs, ...(await plugin.create(name, inputs)) };
}

/** Returns what the state has, with unmarked secrets. */
function revealed(outputs: object) {
  const entries = Object.entries(outputs).map(([key, value]) => [
    key,
    (value as { value?: unknown })?.value ?? value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** Creates an account with a credential. */
async function createPair() {
  const deployer = await create("ServiceAccount deployer", { description: "Deploys" });
  const key = await create("ServiceAccountCredential key", { serviceAccountId: deployer.id });
  return { deployer, key };
}

describe("schema", () => {
  test("describes every resource, property, function and setting, and marks secrets", async () => {
    const { config, provider, resources, functions } = await plugin.schema();
    const described = [
      ...Object.values(resources).flatMap((one) => [
        one,
        ...Object.values(one.inputProperties),
        ...Object.values(one.properties),
      ]),
      ...Object.values(config.variables),
      ...Object.values(functions),
    ];
    expect(described.filter(({ description }) => description === "")).toEqual([]);
    expect(provider.inputProperties).toEqual(config.variables);
    const secrets = Object.entries(config.variables).flatMap(([name, one]) => (one.secret ? name : []));
    expect(secrets).toEqual(["clientSecret", "apiKey"]);
    expect(resources["keycard:index:RotatingCredential"]?.properties).toMatchObject({
      clientSecret: { secret: true },
      previousClientSecret: { secret: true },
    });
  });

  test("takes over the states of the dynamic resources, and accepts the same inputs", async () => {
    const { resources } = await plugin.schema();
    const types = [
      "ServiceAccount",
      "ServiceAccountCredential",
      "RotatingCredential",
      "ExclusiveCredentials",
    ];
    expect(Object.keys(resources)).toEqual(types.map((type) => `keycard:index:${type}`));
    for (const type of types) {
      const resource = resources[`keycard:index:${type}`];
      expect(resource?.aliases).toEqual([{ type: `pulumi-nodejs:dynamic/keycard:${type}` }]);
      const { failures } = await plugin.check(`${type} x`, { none: 1 });
      const [listed = ""] = failures.filter((failure) => failure.startsWith("none is not an input"));
      for (const input of Object.keys(resource?.inputProperties ?? {})) expect(listed).toContain(input);
    }
  });
});

test("an account and a credential are created, updated in place, read and deleted; previews are exact", async () => {
  const args = { serviceAccountId: unknown };
  const preview = await plugin.create(
    "ServiceAccountCredential key",
    (await plugin.check("ServiceAccountCredential key", args)).inputs,
    true,
  );
  expect(preview.outputs).toEqual({
    name: "key",
    organizationId: emulator.organizationId,
    serviceAccountId: unknown,
    clientId: unknown,
    clientSecret: secret({ value: unknown }),
    createdAt: unknown,
    lastUsedAt: unknown,
  });
  expect(await requestsOf(emulator)).toEqual([]);

  const { deployer, key } = await createPair();
  expect(deployer.outputs).toMatchObject({ name: "deployer", description: "Deploys" });
  const { clientSecret } = revealed(key.outputs);
  expect(key.outputs).toMatchObject({ clientSecret: secret({ value: clientSecret }) });
  expect(await plugin.diff("ServiceAccountCredential key", key.id, key.outputs, key.inputs)).toMatchObject({
    changes: false,
  });

  const news = { ...key.inputs, name: "ci" };
  const diff = await plugin.diff("ServiceAccountCredential key", key.id, key.outputs, news);
  expect(diff).toMatchObject({ changes: true, replaces: [], detailed: { name: "update" } });
  expect(diff.stables).toEqual(expect.arrayContaining(["clientId", "clientSecret"]));
  const expected = { ...key.outputs, name: "ci" };
  expect(await plugin.update("ServiceAccountCredential key", key.id, key.outputs, news, true)).toEqual(
    expected,
  );
  expect(await plugin.update("ServiceAccountCredential key", key.id, key.outputs, news)).toEqual(expected);

  const read = await plugin.read("ServiceAccountCredential key", key.id, expected);
  expect(read).toMatchObject({
    id: key.id,
    outputs: expected,
    inputs: { name: "ci", serviceAccountId: deployer.id },
  });
  expect(read.inputs).not.toHaveProperty("clientSecret");
  await plugin.delete("ServiceAccountCredential key", key.id, expected);
  expect((await plugin.read("ServiceAccountCredential key", key.id, expected)).id).toBe("");
});

test("the diff of a replacement names the property that requires it", async () => {
  const { key } = await createPair();
  const other = await create("ServiceAccount other", {});
  const moved = { ...key.inputs, serviceAccountId: other.id };
  expect(await plugin.diff("ServiceAccountCredential key", key.id, key.outputs, moved)).toEqual({
    changes: true,
    replaces: ["serviceAccountId"],
    detailed: { serviceAccountId: "update-replace" },
    stables: [],
  });
});

test("in the preview of a rotation, only what it changes is unknown", async () => {
  const deployer = await create("ServiceAccount deployer", {});
  const name = "RotatingCredential key";
  const key = await create(name, { serviceAccountId: deployer.id, rotateAfter: "30d" });
  const unknownAfter = async () => {
    const diff = await plugin.diff(name, key.id, key.outputs, key.inputs);
    const outputs = revealed(await plugin.update(name, key.id, key.outputs, key.inputs, true));
    const changed = Object.keys(outputs).filter((output) => outputs[output] === unknown);
    return { changes: diff.changes, changed: changed.sort() };
  };
  expect(await unknownAfter()).toEqual({ changes: false, changed: [] });
  await plugin.close();
  await advanceClock(emulator.endpoint, "30d");
  const { endpoint, clientId, clientSecret, organizationId } = emulator;
  plugin = await Plugin.start({ endpoint, clientId, clientSecret, organizationId });
  expect(await unknownAfter()).toEqual({
    changes: true,
    changed: [
      ...["clientId", "clientSecret", "credentialIds", "nextRotationAt", "previousClientId"],
      ...["previousClientSecret", "previousRetiresAt", "rotatedAt"],
    ],
  });
  expect(plugin.messages).toMatchObject([
    { urn: urnOf(name), message: expect.stringContaining("rotates, because it is 30 days old") },
  ]);
});

describe("import", () => {
  test("an account is imported by its ID, and nothing is then to be changed", async () => {
    const { id } = await keycard().create(emulator.organizationId, { name: "by hand", description: "old" });
    const { outputs, inputs } = await plugin.read("ServiceAccount x", id);
    expect(inputs).toEqual({ name: "by hand", description: "old", organizationId: emulator.organizationId });
    expect((await plugin.diff("ServiceAccount x", id, outputs, inputs)).changes).toBe(false);
    await expect(plugin.read("ServiceAccount x", "nobody")).rejects.toThrow(
      'No object with the ID "nobody" was found',
    );
  });

  test("a credential is imported as <account>/<credential>, without its secret, and is not replaced", async () => {
    const { id: accountId } = await keycard().create(emulator.organizationId, { name: "by hand" });
    const created = await keycard().credentials.create(accountId, { ...organization(), name: "its key" });
    const name = "ServiceAccountCredential x";
    const { id, outputs, inputs } = await plugin.read(name, `${accountId}/${created.id}`);
    expect(id).toBe(created.id);
    expect(outputs).not.toHaveProperty("clientSecret");
    const message: unknown = expect.stringContaining("has no clientSecret");
    expect(plugin.messages).toEqual([{ urn: urnOf(name), severity: "warning", message }]);
    expect((await plugin.diff(name, id, outputs, inputs)).changes).toBe(false);
    const renamed = await plugin.update(name, id, outputs, { ...inputs, name: "ci" });
    expect(renamed).toMatchObject({ name: "ci", clientId: created.client_id });

    // The trigger is recorded first; its change replaces the credential by one with a secret.
    const armed = { ...inputs, rotateWhenChanged: { secret: "1" } };
    const recorded = await plugin.update(name, id, outputs, armed);
    const changed = { ...inputs, rotateWhenChanged: { secret: "2" } };
    expect((await plugin.diff(name, id, recorded, changed)).replaces).toEqual(["rotateWhenChanged"]);
  });
});

test("functions look up accounts and credentials, and say what is missing", async () => {
  const { deployer, key } = await createPair();
  expect(await plugin.invoke("getServiceAccount", { name: "deployer" })).toMatchObject({ id: deployer.id });
  const { serviceAccounts } = await plugin.invoke("getServiceAccounts", {
    namePrefix: "dep",
    permissions: true,
  });
  expect(serviceAccounts).toMatchObject([{ id: deployer.id, permissions: expect.any(Object) }]);
  const { credentials } = await plugin.invoke("getServiceAccountCredentials", {
    serviceAccountId: deployer.id,
  });
  expect(credentials).toMatchObject([{ id: key.id, clientId: key.outputs["clientId"] }]);
  await expect(plugin.invoke("getServiceAccount", { name: "nobody" })).rejects.toThrow(
    'no service account named "nobody"',
  );
  await expect(plugin.invoke("getServiceAccount", { names: "x" })).rejects.toThrow(
    "names is not an argument",
  );
});

test("adoption is announced in the preview, below its resource, and carried out", async () => {
  const { id } = await keycard().create(emulator.organizationId, { name: "by hand" });
  const name = "ServiceAccount deployer";
  const { inputs } = await plugin.check(name, { adopt: id });
  expect((await plugin.create(name, inputs, true)).outputs).not.toHaveProperty("adopt");
  expect(plugin.messages).toMatchObject([
    { urn: urnOf(name), message: expect.stringContaining("adopts the service account") },
  ]);
  expect((await plugin.create(name, inputs)).id).toBe(id);
  const others = [
    ["nobody", 'no object with the ID "nobody"'],
    [id, "another resource of this program already manages"],
  ] as const;
  for (const [adopt, reason] of others)
    await expect(plugin.create("ServiceAccount second", { ...inputs, adopt }, true)).rejects.toThrow(reason);
});

test("a create whose result is unknown stays in the state, with its reasons and without a secret in plain text", async () => {
  const deployer = await create("ServiceAccount deployer", {});
  const name = "ServiceAccountCredential key";
  const { inputs } = await plugin.check(name, { serviceAccountId: deployer.id });
  await addFault(emulator, [
    { operation: "createCredential", body: "malformed" },
    { operation: "deleteCredential", status: 500, times: 100 },
  ]);
  const failed = await plugin.create(name, inputs).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(InitError);
  const {
    message,
    live: { id, outputs },
  } = failed as InitError;
  expect(message).toContain("The response to the request that creates this credential was lost");
  expect(outputs).toMatchObject({ secretLost: true, serviceAccountId: deployer.id });
  const { replaces } = await plugin.diff(name, id, outputs, inputs);
  expect(replaces).toEqual(["clientSecret"]);
});

test("bad input and wrong settings are failures of the check, without the values", async () => {
  const { failures } = await plugin.check("ServiceAccount x", { name: "", description: 7, nmae: "x" });
  expect(failures).toEqual([
    "name must not be empty",
    "description must be a string, not a number",
    expect.stringMatching(/^nmae is not an input; the inputs are /),
  ]);
  const wrong = await Plugin.start({ endpoint: emulator.endpoint, timeout: "soon" });
  const { failures: settings } = await wrong.check("ServiceAccount x", { organizationId: "acme" });
  await wrong.close();
  expect(settings).toEqual([expect.stringContaining("see the message under pulumi:pulumi:Stack")]);
  expect(wrong.messages).toMatchObject([
    { urn: "", message: expect.stringContaining("To sign in to Keycard") },
  ]);
});

test("a provider's settings are checked; secret ones are encrypted, and no change of them replaces anything", async () => {
  const { inputs, failures } = await plugin.checkConfig({
    clientId: "id",
    clientSecret: "hush",
    version: "0.1.0",
  });
  expect(inputs).toEqual({ clientId: "id", clientSecret: secret({ value: "hush" }), version: "0.1.0" });
  expect(failures).toEqual([]);
  const { failures: unknownSetting } = await plugin.checkConfig({ clientID: "id" });
  expect(unknownSetting).toEqual([
    expect.stringMatching(/^clientID is not a setting; the settings are clientId, /),
  ]);
  expect(await plugin.provider.diffConfig({ endpoint: "a" }, { endpoint: "b" })).toMatchObject({
    changes: true,
    replaces: [],
  });
  expect(await plugin.provider.diffConfig({ endpoint: "a" }, { endpoint: "a" })).toMatchObject({
    changes: false,
  });
});

test("the provider ends when the engine was killed", async () => {
  // An engine that starts the provider, prints its process ID, and dies.
  const engine = `
    const child = require("child_process").spawn(${JSON.stringify(PLUGIN)}, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
    child.stdout.once("data", () => { console.log(child.pid); process.kill(process.pid, "SIGKILL"); });`;
  const { stdout } = spawnSync(process.execPath, ["-e", engine], { encoding: "utf8" });
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(0);
  while (isRunning(pid)) await setTimeout(100);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
