/** Nothing that exists is let go of: failing steps keep what was made, and the secret. */
import { account, credential, Stack, steps, told } from "../stack";

const program = { deployer: account(), key: credential({ serviceAccountId: "${deployer.id}" }) };

let stack: Stack;
beforeEach(async () => {
  stack = await Stack.open();
});
afterEach(() => stack.close());

test("an update that fails keeps the secret", async () => {
  await stack.declare(program);
  await stack.up();
  const key = await stack.outputs("key");
  await stack.fault({ operation: "updateCredential", status: 422, times: 100 });
  await stack.declare({
    ...program,
    key: credential({ serviceAccountId: "${deployer.id}", name: "renamed" }),
  });
  await expect(stack.up()).rejects.toThrow(/422/);
  expect(await stack.outputs("key")).toEqual(key);
  await stack.clearFaults();
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await stack.outputs("key")).toMatchObject({ clientSecret: key["clientSecret"], name: "renamed" });
});

test("an update that Keycard may have acted on is made good, even when the program is changed back", async () => {
  await stack.declare({ deployer: account() });
  await stack.up();
  await stack.fault({
    operation: "updateServiceAccount",
    status: 503,
    retryAfter: 0,
    commit: true,
    times: 3,
  });
  await stack.declare({ deployer: account({ name: "renamed", description: "new" }) });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    "may have updated it all the same",
  );
  expect(await stack.accounts()).toMatchObject([{ name: "renamed" }]);
  await stack.declare({ deployer: account() });
  expect(steps(await stack.up())).toEqual(["update deployer"]);
  const [made] = await stack.accounts();
  expect(made?.name).toBe("deployer");
  expect(made?.description).toBeUndefined();
});

test("a resource that fails leaves the others in the state", async () => {
  await stack.fault({ operation: "createCredential", status: 409, times: 100 });
  await stack.declare(program);
  await expect(stack.up()).rejects.toThrow(/409/);
  await stack.clearFaults();
  expect(steps(await stack.up())).toEqual(["create key"]);
  expect((await stack.accounts()).length).toBe(1);
});

test("what exists cannot be imported, and the error says what to do instead", async () => {
  await stack.declare({ deployer: account({}, { import: "some-id" }) });
  expect(told(await stack.preview().catch((error: unknown) => error))).toContain(
    "use the input adopt in place of the option import",
  );
});

test("a resource that exists is read by its ID", async () => {
  const made = await stack.keycard.create(stack.emulator.organizationId, {
    name: "by hand",
  });
  await stack.declare({ found: account({}, { id: made.id }) });
  await stack.up();
  expect(await stack.outputs("found")).toMatchObject({ name: "by hand", createdAt: made.created_at });

  await stack.declare({ found: account({}, { id: "nothing-like-it" }) });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    'No object with the ID "nothing-like-it" was found',
  );
});
