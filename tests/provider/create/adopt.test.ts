/**
 * `adopt` manages an existing object instead of creating another one. It never takes, nor deletes, an object that another resource
 * manages.
 */
import { account, errorOutput, key, outputOf, steps, useStack } from "../../support/stack";

const stack = useStack("emptied");

/** Creates an account with a credential, and returns the inputs that adopt the credential. */
async function createPair() {
  const { id } = await stack.createByHand("by hand", "old");
  const pair = await stack.createCredentialByHand(id, { name: "key" });
  return { accountId: id, ...pair, adoption: { adopt: pair.id, clientSecret: pair.client_secret } };
}

test("objects are adopted by their IDs, updated to the program, and managed", async () => {
  const { accountId, id, client_secret, adoption } = await createPair();
  const program = (more: object, options: object = {}) => ({
    deployer: account({ adopt: accountId, ...more }),
    key: key(adoption, options),
  });
  const created = steps(await stack.apply(program({})));
  expect(created).toEqual(["create engine-program-test", "create deployer", "create key"]);
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id: accountId, name: "deployer" })]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
  expect(await stack.outputs("key")).toMatchObject({ id, clientSecret: client_secret });
  expect(await stack.signsIn("key")).toBe(true);
  expect(await stack.storedState()).not.toContain(client_secret);

  await stack.refresh();
  expect(await stack.storedState()).not.toContain(client_secret);
  expect(steps(await stack.up())).toEqual([]);
  const described = program({ description: "new" }, { replacementTrigger: "one" });
  expect(steps(await stack.apply(described))).toEqual(["update deployer"]);
  // The replacement does not adopt the credential that Pulumi is about to delete.
  await stack.apply(program({ description: "new" }, { replacementTrigger: "two" }));
  const [now, ...others] = await stack.credentials();
  expect(others).toEqual([]);
  expect(now?.id).not.toBe(id);
  expect(await stack.signsIn("key")).toBe(true);

  await stack.apply({});
  expect(await stack.accounts()).toEqual([]);
});

test("an adopted object is in the state even if its update fails, and moves to another resource that adopts it", async () => {
  const { id } = await stack.createByHand("by hand");
  const mine = account({ adopt: id, name: "mine" });
  await stack.fault({ operation: "updateServiceAccount", status: 422 });
  expect(await errorOutput(stack.apply({ one: mine }))).toContain(`adopted the object ${id}`);
  expect(steps(await stack.up())).toEqual(["update one"]);
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id, name: "mine" })]);

  expect(steps(await stack.apply({ renamed: mine }))).toEqual(["create renamed", "delete one"]);
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id, name: "mine" })]);
  expect(steps(await stack.up())).toEqual([]);

  // It never has two resources.
  const second = account({ adopt: id, description: "${renamed.id}" });
  const messages = await errorOutput(stack.apply({ renamed: mine, second }));
  expect(messages).toContain("another resource of this program");
  expect((await stack.accounts()).length).toBe(1);
});

test("adopt: true adopts the only account of the name, creates one if there is none, and lists several", async () => {
  const { id } = await stack.createByHand("one");
  const twins = [await stack.createByHand("twin"), await stack.createByHand("twin")];
  const none = account({ adopt: true });
  await stack.apply({ one: account({ adopt: true }), none });
  expect(await stack.idOf("one")).toBe(id);
  expect((await stack.accounts()).length).toBe(4);

  const one = (replacementTrigger: string) => account({ adopt: true }, { replacementTrigger });
  const messages = await errorOutput(stack.apply({ one: one("1"), none, twin: account({ adopt: true }) }));
  for (const twin of twins) expect(messages).toContain(twin.id);

  const replaced = steps(await stack.apply({ one: one("2"), none }));
  expect(replaced).toEqual(["create-replacement one", "replace one", "delete-replaced one"]);
  expect(await stack.idOf("one")).not.toBe(id);
  expect((await stack.accounts()).length).toBe(4);
});

test("an account is not adopted silently while a resource that Pulumi processes later still has it", async () => {
  await stack.apply({ a: account({ name: "x" }) });
  const b = account({ name: "x", adopt: true });
  const a = account({ name: "x", description: "${b.id}" });
  // The provider cannot know of it in time, but must not succeed: both resources would delete the same account.
  expect(await errorOutput(stack.apply({ b, a }))).toContain("has just adopted");
});

test("of two accounts of a name, the one that is in no state is adopted", async () => {
  const twin = account({ name: "x", adopt: true });
  await stack.apply({ a: twin });
  await stack.createByHand("x");
  await stack.apply({ a: twin, b: twin });
  expect((await stack.accounts()).length).toBe(2);
});

test("an adopted credential is created again if its account is deleted before the account is replaced", async () => {
  const { accountId, adoption } = await createPair();
  const program = (replacementTrigger: string) => ({
    deployer: account({ name: "x", adopt: accountId }, { replacementTrigger, deleteBeforeReplace: true }),
    key: key(adoption),
  });
  await stack.apply(program("one"));
  await stack.apply(program("two")).catch(outputOf);
  expect(await stack.signsIn("key")).toBe(true);
});
