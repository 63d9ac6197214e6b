/** An organization's label is renamed, and the program configures the new name. */
import { hostOf } from "../../support/host";
import { account, errorOutput, exclusive, key, steps, useStack } from "../../support/stack";

const stack = useStack("emptied");
const program = {
  deployer: account(),
  key: key(),
  only: exclusive({ serviceAccountId: "${deployer.id}", credentialIds: ["${key.id}"] }),
};

/** Creates the stack under the label, and then lets Keycard know only the ID. Returns the endpoint. */
async function rename(): Promise<string> {
  const { organizationLabel, organizationId } = stack.emulator;
  let isRenamed = false;
  const body = { code: "not_found", message: "no such organization", status: 404 };
  const endpoint = await stack.intercept(async ({ path }, act) =>
    isRenamed && path.includes(`/${organizationLabel}/`) ? { status: 404, body } : act(),
  );
  await stack.engine.setConfig("keycard:organizationId", organizationLabel);
  await stack.apply(program);
  isRenamed = true;
  await stack.engine.setConfig("keycard:organizationId", organizationId);
  return endpoint;
}

test("a plain refresh or destroy names --run-program, up changes the name only, and then all work again", async () => {
  await rename();
  const before = await stack.outputs("key");
  expect(await errorOutput(stack.refresh())).toContain("add --run-program");
  expect(await errorOutput(stack.engine.destroy())).toContain("add --run-program");
  // The destroy has deleted what is not at Keycard.
  expect(steps(await stack.up())).toEqual(["update deployer", "update key", "create only"]);
  const after = await stack.outputs("key");
  expect(after).toEqual({ ...before, organizationId: stack.emulator.organizationId });
  expect((await stack.refresh()).changes).toEqual({ same: 4 });
  await stack.engine.destroy();
  expect(await stack.accounts()).toEqual([]);
});

test("with the new name configured, a resource is read and deleted by its ID, with its secret", async () => {
  const endpoint = await rename();
  const { ServiceAccount, ServiceAccountCredential, ExclusiveCredentials } = hostOf(stack.emulator, {
    endpoint,
  });
  const [deployer, credential] = [await stack.outputs("deployer"), await stack.outputs("key")];
  const [id, only] = [String(credential["id"]), await stack.outputs("only")];
  const { organizationId } = stack.emulator;
  const read = await ServiceAccountCredential.read(id, credential);
  expect(read.props).toMatchObject({ organizationId, clientSecret: credential["clientSecret"] });
  // As a refresh does with the inputs in the state.
  const difference = await ServiceAccountCredential.diff(id, { ...read.props }, credential);
  expect(difference).toMatchObject({ changes: false, replaces: [] });
  expect((await ExclusiveCredentials.read(only["id"] ?? "", only)).props).toMatchObject({ organizationId });
  await ServiceAccountCredential.delete(id, credential);
  // Another resource has shown that both names are those of one organization.
  expect(await ServiceAccountCredential.read(id, credential)).toEqual({});
  await ServiceAccount.delete(deployer["id"] ?? "", deployer);
  expect(await stack.accounts()).toEqual([]);
});

test("what is not found under the new name is an error, and never counts as deleted", async () => {
  const { ServiceAccount } = hostOf(stack.emulator, { endpoint: await rename() });
  const deployer = await stack.outputs("deployer");
  const printed = jest.spyOn(console, "log").mockImplementation();
  for (const operation of ["read", "delete"] as const)
    await expect(ServiceAccount[operation]("another-id", deployer)).rejects.toThrow(
      /^The organization was not found/,
    );
  expect(printed.mock.calls).toEqual([[expect.stringMatching(/^Organization "emulator" was not found/)]]);
  printed.mockRestore();
});
