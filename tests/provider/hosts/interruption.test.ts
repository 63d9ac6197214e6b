/** Ctrl-C in the middle of an update, and the options with which Pulumi guards what exists. */
import { startEmulator } from "pulumi-keycard/emulator";
import { Gate } from "../../engine/gate";
import { account, credential, operations, Stack, steps, told } from "../stack";
import { tamper } from "../tamper";
import type { Proxy } from "../tamper";

let stack: Stack;
let proxy: Proxy | undefined;
let gate: Gate;
beforeEach(async () => {
  [stack, gate] = [await Stack.open(), await Gate.open()];
});
afterEach(async () => {
  gate.close();
  await stack.close();
  proxy?.close();
});

/** Lets Keycard act on all calls of a method, but keeps its answers back until the gate lets them pass. */
async function holdAnswersTo(method: string) {
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, async (call, act) => {
    const answer = await act();
    if (call.method === method && !call.path.endsWith("-token")) await fetch(gate.url);
    return answer;
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
}

/** Starts an update, and interrupts it as soon as so many answers are held. */
async function interruptUp(calls: number): Promise<{ failure: Promise<unknown> }> {
  const failure = stack.up().catch((error: unknown) => error);
  await gate.arrivals(calls);
  await stack.engine.interrupt();
  return { failure };
}

/** What the provider did since, other than signing in and looking. */
async function changesSince(before: number): Promise<string[]> {
  const made = operations((await stack.requests()).slice(before));
  return made.filter((operation) => /^(create|update|delete)/.test(operation));
}

test("Ctrl-C ends what is being made, keeps it with its secret, begins nothing else, and the next up goes on", async () => {
  await stack.declare({ deployer: account() });
  await stack.up();
  await holdAnswersTo("POST");
  await stack.declare({
    deployer: account(),
    key: credential({ serviceAccountId: "${deployer.id}" }),
    other: account(),
    late: credential({ serviceAccountId: "${other.id}" }),
  });
  const before = (await stack.requests()).length;
  const { failure } = await interruptUp(2);
  gate.release();
  expect(told(await failure)).toContain("update canceled");
  expect((await changesSince(before)).sort()).toEqual(["createCredential", "createServiceAccount"]);
  expect((await stack.state()).map(({ urn }) => urn.split("::").pop())).toEqual(
    expect.arrayContaining(["deployer", "key", "other"]),
  );
  expect(await stack.signsIn("key")).toBe(true);

  await stack.engine.setConfig("keycard:endpoint", stack.emulator.endpoint);
  expect(steps(await stack.up())).toEqual(["create late"]);
  expect((await stack.accounts()).map(({ name }) => name).sort()).toEqual(["deployer", "other"]);
  expect((await stack.credentials()).map(({ name }) => name).sort()).toEqual(["key", "late"]);
  expect(await stack.signsIn("late")).toBe(true);
});

test("Ctrl-C during a call that hangs ends with that call's time-out, which is told", async () => {
  await stack.engine.setConfig("keycard:timeout", "1");
  await stack.engine.setConfig("keycard:maxRetries", "0");
  await stack.declare({ deployer: account() });
  await stack.up();
  await holdAnswersTo("PATCH");
  await stack.declare({
    deployer: account({ description: "Deploys from CI" }),
    key: credential({ serviceAccountId: "${deployer.id}" }),
  });
  const { failure } = await interruptUp(1);
  expect(told(await failure)).toContain("no response within 1000 ms");
  gate.release();
  expect(await stack.credentials()).toEqual([]);

  await stack.engine.setConfig("keycard:endpoint", stack.emulator.endpoint);
  expect(steps(await stack.up())).toEqual(["update deployer", "create key"]);
});

test("a protected account is neither deleted nor moved, and nothing happens at Keycard", async () => {
  const protect = { protect: true };
  const other = await startEmulator();
  proxy = await tamper(({ path }) =>
    path.includes(`/${other.organizationId}/`)
      ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
      : { endpoint: stack.emulator.endpoint },
  );
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.declare({ deployer: account({}, protect) });
  await stack.up();
  const [accounts, before] = [await stack.accounts(), (await stack.requests()).length];

  await stack.declare({});
  await expect(stack.up()).rejects.toThrow(/deployer" cannot be deleted\s+because it is protected/);
  await stack.declare({ deployer: account({ organizationId: other.organizationId }, protect) });
  await expect(stack.up()).rejects.toThrow(/unable to replace resource ".*deployer"/);
  expect(await changesSince(before)).toEqual([]);
  expect(await stack.accounts()).toEqual(accounts);
  await other.close();
});

test("what is replaced with deleteBeforeReplace is gone before the new one is made, and what depends on it follows", async () => {
  const declare = (deployer: string, key: string) =>
    stack.declare({
      deployer: account({}, { deleteBeforeReplace: true, replacementTrigger: deployer }),
      key: credential(
        { serviceAccountId: "${deployer.id}" },
        { deleteBeforeReplace: true, replacementTrigger: key },
      ),
      user: account({ description: "${key.clientId}" }),
    });
  await declare("1", "1");
  await stack.up();

  let [old, before] = [await stack.outputs("key"), (await stack.requests()).length];
  await declare("1", "2");
  expect(steps(await stack.up())).toEqual([
    "delete-replaced key",
    "replace key",
    "create-replacement key",
    "update user",
  ]);
  expect(await changesSince(before)).toEqual([
    "deleteCredential",
    "createCredential",
    "updateServiceAccount",
  ]);
  expect(await stack.signsIn(old)).toBe(false);
  expect(await stack.signsIn("key")).toBe(true);

  [old, before] = [await stack.outputs("key"), (await stack.requests()).length];
  await declare("2", "2");
  expect(steps(await stack.up())).toEqual([
    "delete-replaced key",
    "delete-replaced deployer",
    "replace deployer",
    "create-replacement deployer",
    "replace key",
    "create-replacement key",
    "update user",
  ]);
  expect(await changesSince(before)).toEqual([
    "deleteCredential",
    "deleteServiceAccount",
    "createServiceAccount",
    "createCredential",
    "updateServiceAccount",
  ]);
  expect(await stack.signsIn(old)).toBe(false);
  expect(await stack.signsIn("key")).toBe(true);
  expect(await stack.outputs("user")).toMatchObject({
    description: (await stack.outputs("key"))["clientId"],
  });
});
