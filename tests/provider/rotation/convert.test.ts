/** How an existing credential becomes a `RotatingCredential`: with the option `aliases`, or with `adopt`. */
import { account, errorOutput, key, messagesOf, rotating, steps, useStack } from "../../support/stack";

const stack = useStack("test");

/** Does with the state what Pulumi does for the option `aliases` with the old type. */
async function convert(): Promise<void> {
  const state = JSON.stringify(await stack.engine.export());
  const converted = state.replaceAll("keycard:ServiceAccountCredential", "keycard:RotatingCredential");
  await stack.engine.import(JSON.parse(converted));
}

async function names(): Promise<string[]> {
  return (await stack.credentials()).map(({ name }) => name);
}

test("the state of a ServiceAccountCredential is the first generation, without a call", async () => {
  await stack.apply({ deployer: account(), key: key({ description: "CI" }) });
  const before = await stack.outputs("key");
  await convert();
  const calls = (await stack.operations()).length;
  const program = (args: object = {}) => ({
    deployer: account(),
    key: rotating({ description: "CI", ...args }),
  });
  expect(steps(await stack.apply(program()))).toEqual(["update key"]);
  expect(await stack.operations(calls)).toEqual([]);
  const { id, clientId, clientSecret, createdAt } = before;
  const converted = {
    id,
    credentialId: id,
    credentialIds: [id],
    clientId,
    clientSecret,
    rotatedAt: createdAt,
  };
  expect(await stack.outputs("key")).toMatchObject({ ...converted, generation: 1, name: "key" });
  expect(steps(await stack.up())).toEqual([]);
  expect(steps(await stack.refresh())).toEqual([]);

  await stack.advance("40d");
  expect(steps(await stack.apply(program({ rotateAfter: "30d" })))).toEqual(["update key"]);
  expect(await names()).toEqual(["key", "key (2)"]);
  expect(await stack.outputs("key")).toMatchObject({ id, previousClientId: clientId });
  expect(await stack.signsIn(before)).toBe(true);
  await stack.apply({ deployer: account() });
  expect(await names()).toEqual([]);
});

test("a ServiceAccountCredential whose create is pending verification is settled first", async () => {
  await stack.apply({ deployer: account() });
  await stack.fault({ operation: "createCredential", reset: true, commit: true });
  await stack.fault({ operation: "listCredentials", skip: 1, times: 9, status: 503, retryAfter: 0 });
  await errorOutput(stack.apply({ deployer: account(), key: key() }));
  await stack.clearFaults();
  await convert();
  await stack.apply({ deployer: account(), key: rotating() });
  expect(await names()).toEqual(["key (1)"]);
  expect(await stack.signsIn("key")).toBe(true);
});

describe("adopt", () => {
  async function createByHand() {
    await stack.apply({ deployer: account() });
    const [deployer] = await stack.accounts();
    return stack.createCredentialByHand(String(deployer?.id), { name: "old" });
  }

  test("takes an existing credential with its secret as the first one, and rotates it by its age", async () => {
    const old = await createByHand();
    await stack.advance("20d");
    const adopting = { adopt: old.id, clientSecret: { secret: old.client_secret }, rotateAfter: "30d" };
    const program = { deployer: account(), key: rotating(adopting) };
    await stack.declare(program);
    expect(messagesOf(await stack.preview())).toContain('`pulumi up` adopts the credential "old"');
    expect(steps(await stack.up())).toEqual(["create key"]);
    expect(await stack.outputs("key")).toMatchObject({
      credentialId: old.id,
      clientSecret: old.client_secret,
      rotatedAt: old.created_at,
    });
    expect((await stack.outputs("key"))["id"]).toMatch(/^rotating-credential-/);
    expect(await names()).toEqual(["key (1)"]);
    expect(steps(await stack.up())).toEqual([]);
    await stack.advance("10d");
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientSecret: old.client_secret });
    expect(steps(await stack.up())).toEqual([]);
  });

  test("refuses a secret that does not sign in, and changes nothing", async () => {
    const old = await createByHand();
    const wrong = { adopt: old.id, clientSecret: { secret: "wrong" } };
    await stack.declare({ deployer: account(), key: rotating(wrong) });
    expect(await errorOutput(stack.preview())).toContain("does not sign in with this clientSecret");
    expect(await errorOutput(stack.up())).toContain("does not sign in with this clientSecret");
    expect(await names()).toEqual(["old"]);
  });

  test("keeps the credential in the state if it could not be renamed", async () => {
    const old = await createByHand();
    await stack.fault({ operation: "updateCredential", times: 9, status: 422 });
    const adopting = { adopt: old.id, clientSecret: { secret: old.client_secret } };
    await errorOutput(stack.apply({ deployer: account(), key: rotating(adopting) }));
    await stack.clearFaults();
    expect(await stack.outputs("key")).toMatchObject({ credentialId: old.id, name: "old" });
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await names()).toEqual(["key (1)"]);
  });
});
