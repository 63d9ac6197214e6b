/** Ctrl-C in the middle of an update, and the resource options that protect objects. */
import { startEmulator } from "pulumi-keycard/emulator";
import { Gate } from "../../engine/gate";
import { account, credential, errorOutput, key, steps, useStack } from "../../support/stack";
import { twoOrganizations } from "../../support/tamper";

const stack = useStack("emptied");
let gate: Gate;
beforeEach(async () => void (gate = await Gate.open()));
afterEach(() => gate.close());

/** Lets Keycard act on the calls of a method, but holds its responses until the gate opens. */
function holdResponsesTo(method: string): Promise<string> {
  return stack.intercept(async (call, act) => {
    const response = await act();
    if (call.method === method && !call.path.endsWith("-token")) await fetch(gate.url);
    return response;
  });
}

/** Starts an update, and interrupts it as soon as this number of responses is held. */
async function interruptUp(held: number): Promise<{ output: Promise<string> }> {
  const output = errorOutput(stack.up());
  await gate.arrivals(held);
  await stack.engine.interrupt();
  return { output };
}

/** Returns the operations since an earlier number of calls that changed something. */
async function changesSince(before: number): Promise<string[]> {
  return (await stack.operations(before)).filter((operation) => /^(create|update|delete)/.test(operation));
}

test("Ctrl-C lets running creates finish, keeps them with their secrets, and starts no others; the next up continues", async () => {
  await stack.apply({ deployer: account() });
  await holdResponsesTo("POST");
  const late = credential({ serviceAccountId: "${other.id}" });
  await stack.declare({ deployer: account(), key: key(), other: account(), late });
  const before = (await stack.requests()).length;
  const { output } = await interruptUp(2);
  gate.release();
  expect(await output).toContain("update canceled");
  expect((await changesSince(before)).sort()).toEqual(["createCredential", "createServiceAccount"]);
  expect((await stack.state()).map(({ urn }) => urn.split("::").pop())).toEqual(
    expect.arrayContaining(["deployer", "key", "other"]),
  );
  expect(await stack.signsIn("key")).toBe(true);

  await stack.configure();
  expect(steps(await stack.up())).toEqual(["create late"]);
  expect((await stack.accounts()).map(({ name }) => name).sort()).toEqual(["deployer", "other"]);
  expect((await stack.credentialNames()).sort()).toEqual(["key", "late"]);
  expect(await stack.signsIn("late")).toBe(true);
});

test("a protected account is neither deleted nor moved, and Keycard is not called", async () => {
  const other = await startEmulator();
  await stack.intercept(undefined, twoOrganizations(stack.emulator, other));
  const protect = { protect: true };
  await stack.apply({ deployer: account({}, protect) });
  const [accounts, before] = [await stack.accounts(), (await stack.requests()).length];

  await expect(stack.apply({})).rejects.toThrow(/deployer" cannot be deleted\s+because it is protected/);
  const moved = { deployer: account({ organizationId: other.organizationId }, protect) };
  await expect(stack.apply(moved)).rejects.toThrow(/unable to replace resource ".*deployer"/);
  expect(await changesSince(before)).toEqual([]);
  expect(await stack.accounts()).toEqual(accounts);
  await other.close();
});

test("deleteBeforeReplace deletes before it creates, and dependents follow", async () => {
  const program = (deployerTrigger: string, keyTrigger: string) => ({
    deployer: account({}, { deleteBeforeReplace: true, replacementTrigger: deployerTrigger }),
    key: key({}, { deleteBeforeReplace: true, replacementTrigger: keyTrigger }),
    user: account({ description: "${key.clientId}" }),
  });
  await stack.apply(program("1", "1"));

  const expectReplaced = async (triggers: [string, string], expected: string[], calls: string[]) => {
    const [old, before] = [await stack.outputs("key"), (await stack.requests()).length];
    expect(steps(await stack.apply(program(...triggers)))).toEqual(expected);
    expect(await changesSince(before)).toEqual(calls);
    expect(await stack.signsIn(old)).toBe(false);
    expect(await stack.signsIn("key")).toBe(true);
  };
  await expectReplaced(
    ["1", "2"],
    ["delete-replaced key", "replace key", "create-replacement key", "update user"],
    ["deleteCredential", "createCredential", "updateServiceAccount"],
  );
  await expectReplaced(
    ["2", "2"],
    [
      ...["delete-replaced key", "delete-replaced deployer", "replace deployer"],
      ...["create-replacement deployer", "replace key", "create-replacement key", "update user"],
    ],
    [
      ...["deleteCredential", "deleteServiceAccount", "createServiceAccount"],
      ...["createCredential", "updateServiceAccount"],
    ],
  );
  const { clientId: description } = await stack.outputs("key");
  expect(await stack.outputs("user")).toMatchObject({ description });
});

// Last, because its settings stay.
test("Ctrl-C during a call that hangs ends with the call's timeout, which is reported", async () => {
  await stack.engine.setConfig("keycard:timeout", "1");
  await stack.engine.setConfig("keycard:maxRetries", "0");
  await stack.apply({ deployer: account() });
  await holdResponsesTo("PATCH");
  await stack.declare({ deployer: account({ description: "Deploys from CI" }), key: key() });
  const { output } = await interruptUp(1);
  expect(await output).toContain("no response within 1000 ms");
  gate.release();
  expect(await stack.credentials()).toEqual([]);

  await stack.configure();
  expect(steps(await stack.up())).toEqual(["update deployer", "create key"]);
});
