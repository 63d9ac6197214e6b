/** A preview shows what `adopt` takes over and overwrites, and reports what cannot be adopted. It changes nothing. */
import { hostOf } from "../../support/host";
import { isNative } from "../../support/provider";
import { account, errorOutput, key, messagesOf, steps, useStack } from "../../support/stack";

const stack = useStack("emptied");

/** Creates an account with a credential by hand. */
async function createPair() {
  const { id } = await stack.createByHand("by hand", "old");
  return { accountId: id, ...(await stack.createCredentialByHand(id, { name: "key" })) };
}

test("names the object and the values that will be overwritten, and makes only reading calls", async () => {
  const { accountId, id, client_secret } = await createPair();
  const adoption = { serviceAccountId: accountId, adopt: id, clientSecret: { secret: client_secret } };
  await stack.declare({
    deployer: account({ adopt: accountId, description: { secret: "a secret description" } }),
    key: key(adoption),
  });
  const before = (await stack.requests()).length;
  const shown = messagesOf(await stack.preview());
  expect(shown).toMatch(
    new RegExp(
      `\`pulumi up\` adopts the service account "by hand" \\(${accountId}\\), created .*\\. It overwrites these current values:\\n {2}name: "by hand"\\n {2}description: "old"`,
    ),
  );
  expect(shown).toMatch(
    new RegExp(`adopts the credential "key" \\(${id}\\), created .*\\. It changes nothing\\.`),
  );
  expect(shown).not.toContain("a secret description");
  expect(shown).not.toContain(client_secret);
  const operations = await stack.operations(before);
  // The provider and the credential each sign in once.
  expect(operations.sort()).toEqual(["retrieveCredential", "retrieveServiceAccount", "token", "token"]);

  expect(steps(await stack.up())).toEqual(expect.arrayContaining(["create deployer", "create key"]));
  expect(messagesOf(await stack.preview())).not.toContain("adopts");
});

test("adopt: true shows whether an account of the name will be adopted or created", async () => {
  const { id } = await stack.createByHand("one", "old");
  const shown = messagesOf(
    await stack.plan({ one: account({ adopt: true }), none: account({ adopt: true }) }),
  );
  expect(shown).toMatch(
    new RegExp(
      `will probably adopt the service account "one" \\(${id}\\).* It overwrites these current values:\\n {2}description: "old"`,
    ),
  );
  expect(shown).toContain(
    "there is no service account with this name, apart from any that other resources of this program manage. `pulumi up` will probably create one.",
  );
});

test("a preview reports as bad input what `up` reports as an error of the resource, and nothing is changed", async () => {
  const { accountId, id } = await createPair();
  await stack.createByHand("twin");
  await stack.createByHand("twin");
  const before = [await stack.accounts(), await stack.credentials()];
  const nobody = account({ adopt: "nobody-at-all" });
  const twin = account({ adopt: true });
  const wrong = key({ serviceAccountId: accountId, adopt: id, clientSecret: { secret: "wrong-one" } });
  const cases = [
    [{ nobody }, 'adopt: no object with the ID "nobody-at-all" was found.'],
    [{ twin }, 'adopts the only service account named "twin", but there are 2:'],
    [{ wrong }, `adopt: the credential "${id}" does not sign in with this clientSecret.`],
  ] as const;
  for (const [program, reason] of cases) {
    const preview = await errorOutput(stack.plan(program));
    expect(preview).toMatch(isNative ? /Preview failed: adopt/ : /has a problem: adopt/);
    expect(preview).toContain(reason);
    const up = await errorOutput(stack.up());
    expect(up).not.toContain("has a problem");
    expect(up).toContain(reason);
    expect(preview + up).not.toContain("wrong-one");
  }
  const same = account({ adopt: accountId, name: "by hand", description: "old" });
  expect(await errorOutput(stack.apply({ a: same, b: same }))).toContain("another resource of this program");
  expect([await stack.accounts(), await stack.credentials()]).toEqual(before);
});

// Only a marker among the inputs lets the dynamic provider recognize a preview.
if (!isNative)
  test("an object that another resource of the stack manages is reported in the preview", async () => {
    const { id } = await stack.createByHand("deployer");
    const { organizationId } = stack.emulator;
    const { ServiceAccount } = hostOf(stack.emulator);
    // As Pulumi does for the resource that has the object.
    await ServiceAccount.read(id, { organizationId });
    const second = { name: "second", adopt: id, __preview: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
    const { failures } = await ServiceAccount.check({}, second);
    const reason = expect.stringContaining("another resource of this program already manages") as string;
    expect(failures).toEqual([{ property: "", reason }]);
  });

test("is silent about unknown inputs, and about a resource that is only replaced", async () => {
  const { accountId, id, client_secret } = await createPair();
  const program = (replacementTrigger: string) => ({
    deployer: account({ adopt: accountId }, { replacementTrigger }),
    key: key({ adopt: id, clientSecret: { secret: client_secret } }),
  });
  await stack.declare(program("one"));
  // The account's ID is not known before it is adopted.
  expect(messagesOf(await stack.preview())).not.toContain("credential");
  await stack.up();
  expect(messagesOf(await stack.plan(program("two")))).not.toContain("adopt");
});
