/**
 * What exists at Keycard is taken over with `adopt`: nothing is doubled, and it is managed from then on. Adoption never takes, nor
 * deletes, what another resource has.
 */
import { account, credential, Stack, steps, told } from "../stack";

let stack: Stack;
let organization: { organization_id: string };
beforeEach(async () => {
  stack = await Stack.open();
  organization = { organization_id: stack.emulator.organizationId };
});
afterEach(() => stack.close());

const ids = async () => (await stack.accounts()).map(({ id }) => id);

function byHand(params: { name: string; description?: string }) {
  return stack.keycard.create(organization.organization_id, params);
}

test("an account and a credential are taken over by their IDs, brought to what the program says, and managed", async () => {
  const made = await byHand({ name: "by hand", description: "old" });
  const key = await stack.keycard.credentials.create(made.id, { ...organization, name: "key" });
  const declare = (more: object, options: object = {}) =>
    stack.declare({
      deployer: account({ adopt: made.id, ...more }),
      key: credential(
        { serviceAccountId: "${deployer.id}", adopt: key.id, clientSecret: key.client_secret },
        options,
      ),
    });
  await declare({});
  expect(steps(await stack.up())).toEqual(["create engine-program-test", "create deployer", "create key"]);
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id: made.id, name: "deployer" })]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
  expect(await stack.outputs("key")).toMatchObject({ id: key.id, clientSecret: key.client_secret });
  expect(await stack.signsIn("key")).toBe(true);
  expect(JSON.stringify(await stack.engine.export())).not.toContain(key.client_secret);

  await stack.refresh();
  expect(JSON.stringify(await stack.engine.export())).not.toContain(key.client_secret);
  expect(steps(await stack.up())).toEqual([]);
  await declare({ description: "new" }, { replacementTrigger: "one" });
  expect(steps(await stack.up())).toEqual(["update deployer"]);
  // Its replacement does not take over the one that is deleted.
  await declare({ description: "new" }, { replacementTrigger: "two" });
  await stack.up();
  const [now] = await stack.credentials();
  expect((await stack.credentials()).length).toBe(1);
  expect(now?.id).not.toBe(key.id);
  expect(await stack.signsIn("key")).toBe(true);

  await stack.declare({});
  await stack.up();
  expect(await stack.accounts()).toEqual([]);
});

test("what a resource took over stays when another one takes it over from it, and is never had by two", async () => {
  const made = await byHand({ name: "by hand" });
  await stack.declare({ one: account({ adopt: made.id, name: "mine" }) });
  await stack.up();
  await stack.declare({ renamed: account({ adopt: made.id, name: "mine" }) });
  expect(steps(await stack.up())).toEqual(["create renamed", "delete one"]);
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id: made.id, name: "mine" })]);
  expect(steps(await stack.up())).toEqual([]);

  await stack.declare({
    renamed: account({ adopt: made.id, name: "mine" }),
    second: account({ adopt: made.id }),
  });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    "another resource of this program",
  );
  expect((await stack.accounts()).length).toBe(1);
});

test("adopt: true takes over the one account of that name, creates where there is none, and lists several", async () => {
  const one = await byHand({ name: "one" });
  const twins = [await byHand({ name: "twin" }), await byHand({ name: "twin" })];
  await stack.declare({ one: account({ adopt: true }), none: account({ adopt: true }) });
  await stack.up();
  expect((await stack.outputs("one"))["id"]).toBe(one.id);
  expect((await stack.accounts()).length).toBe(4);

  await stack.declare({
    one: account({ adopt: true }, { replacementTrigger: "armed" }),
    none: account({ adopt: true }),
    twin: account({ adopt: true }),
  });
  const messages = told(await stack.up().catch((error: unknown) => error));
  for (const { id } of twins) expect(messages).toContain(id);

  await stack.declare({
    one: account({ adopt: true }, { replacementTrigger: "fired" }),
    none: account({ adopt: true }),
  });
  expect(steps(await stack.up())).toEqual(["create-replacement one", "replace one", "delete-replaced one"]);
  expect((await stack.outputs("one"))["id"]).not.toBe(one.id);
  expect((await stack.accounts()).length).toBe(4);
});

test("what cannot be taken over is told, and nothing is changed", async () => {
  const made = await byHand({ name: "by hand" });
  const key = await stack.keycard.credentials.create(made.id, { ...organization, name: "key" });
  const before = [await stack.accounts(), await stack.credentials()];
  await stack.declare({
    key: credential({ serviceAccountId: made.id, adopt: key.id, clientSecret: { secret: "wrong-one" } }),
  });
  const messages = told(await stack.up().catch((error: unknown) => error));
  expect(messages).toContain(`the credential "${key.id}" does not sign in with this clientSecret`);
  expect(messages).not.toContain("wrong-one");
  await stack.declare({ nobody: account({ adopt: "nobody-at-all" }) });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    'no object with the ID "nobody-at-all"',
  );
  await stack.declare({
    a: account({ adopt: made.id, name: "by hand" }),
    b: account({ adopt: made.id, name: "by hand" }),
  });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    "another resource of this program",
  );
  expect([await stack.accounts(), await stack.credentials()]).toEqual(before);
});

test("what was taken over is in the state even when it cannot be brought to what the program says", async () => {
  const made = await byHand({ name: "by hand" });
  await stack.fault({ operation: "updateServiceAccount", status: 422, times: 1 });
  await stack.declare({ deployer: account({ adopt: made.id }) });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(`adopted as ${made.id}`);
  expect(steps(await stack.up())).toEqual(["update deployer"]);
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id: made.id, name: "deployer" })]);
});

test("an account that another resource has is not taken over because that one comes later", async () => {
  await stack.declare({ a: account({ name: "x" }) });
  await stack.up();
  await stack.declare({
    b: account({ name: "x", adopt: true }),
    a: account({ name: "x", description: "${b.id}" }),
  });
  // The host cannot know of it in time; but it must not end well, with two resources that delete one account.
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("has just adopted");
});

test("of two of a name, the one that a kill lost is taken over although the other is in the state", async () => {
  const twin = { name: "x", adopt: true };
  await stack.declare({ a: account(twin) });
  await stack.up();
  await byHand({ name: "x" });
  await stack.declare({ a: account(twin), b: account(twin) });
  await stack.up();
  expect((await ids()).length).toBe(2);
});

test("an adopted credential whose account is deleted before it is replaced is made anew", async () => {
  const made = await byHand({ name: "x" });
  const key = await stack.keycard.credentials.create(made.id, { ...organization, name: "key" });
  const declare = (replacementTrigger: string) =>
    stack.declare({
      a: account({ name: "x", adopt: made.id }, { replacementTrigger, deleteBeforeReplace: true }),
      key: credential({ serviceAccountId: "${a.id}", adopt: key.id, clientSecret: key.client_secret }),
    });
  await declare("one");
  await stack.up();
  await declare("two");
  await stack.up().catch(told);
  expect(await stack.signsIn("key")).toBe(true);
});
