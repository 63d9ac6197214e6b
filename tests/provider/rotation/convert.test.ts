/** How an existing credential becomes a `RotatingCredential`: with the option `aliases`, or with `adopt`. */
import { tokenOf } from "../../support/provider";
import { account, errorOutput, key, messagesOf, rotating, steps, useStack } from "../../support/stack";

const stack = useStack("emptied");

/** Does with the state what Pulumi does for the option `aliases` with the old type. */
async function convert(): Promise<void> {
  const state = JSON.stringify(await stack.engine.export());
  const converted = state.replaceAll(tokenOf("ServiceAccountCredential"), tokenOf("RotatingCredential"));
  await stack.engine.import(JSON.parse(converted));
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
  const { id, clientId, clientSecret, createdAt: rotatedAt } = before;
  const converted = { id, credentialId: id, credentialIds: [id], clientId, clientSecret, rotatedAt };
  expect(await stack.outputs("key")).toMatchObject({ ...converted, generation: 1, name: "key" });
  expect(steps(await stack.up())).toEqual([]);
  expect(steps(await stack.refresh())).toEqual([]);

  await stack.advance("40d");
  expect(steps(await stack.apply(program({ rotateAfter: "30d" })))).toEqual(["update key"]);
  expect(await stack.credentialNames()).toEqual(["key", "key (2)"]);
  expect(await stack.outputs("key")).toMatchObject({ id, previousClientId: clientId });
  expect(await stack.signsIn(before)).toBe(true);
  await stack.apply({ deployer: account() });
  expect(await stack.credentialNames()).toEqual([]);
});

test("a ServiceAccountCredential whose create is pending verification is settled first", async () => {
  await stack.apply({ deployer: account() });
  await stack.failToApply(
    { deployer: account(), key: key() },
    { operation: "createCredential", reset: true, commit: true },
    { operation: "listCredentials", skip: 1, times: 9, status: 503, retryAfter: 0 },
  );
  await convert();
  await stack.apply({ deployer: account(), key: rotating() });
  expect(await stack.credentialNames()).toEqual(["key (1)"]);
  expect(await stack.signsIn("key")).toBe(true);
});

describe("adopt", () => {
  async function createByHand() {
    await stack.apply({ deployer: account() });
    const [deployer] = await stack.accounts();
    const old = await stack.createCredentialByHand(String(deployer?.id), { name: "old" });
    const program = (args: object = {}, clientSecret = old.client_secret) => ({
      deployer: account(),
      key: rotating({ adopt: old.id, clientSecret: { secret: clientSecret }, ...args }),
    });
    return { old, program };
  }

  test("takes an existing credential with its secret as the first one, and rotates it by its age", async () => {
    const { old, program } = await createByHand();
    await stack.advance("20d");
    const preview = await stack.plan(program({ rotateAfter: "30d" }));
    expect(messagesOf(preview)).toContain('`pulumi up` adopts the credential "old"');
    expect(steps(await stack.up())).toEqual(["create key"]);
    expect(await stack.outputs("key")).toMatchObject({
      id: expect.stringMatching(/^rotating-credential-/) as string,
      credentialId: old.id,
      clientSecret: old.client_secret,
      rotatedAt: old.created_at,
    });
    expect(await stack.credentialNames()).toEqual(["key (1)"]);
    expect(steps(await stack.up())).toEqual([]);
    await stack.advance("10d");
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientSecret: old.client_secret });
    expect(steps(await stack.up())).toEqual([]);
  });

  test("refuses a secret that does not sign in, and keeps in the state a credential that it could not rename", async () => {
    const { old, program } = await createByHand();
    const preview = await errorOutput(stack.plan(program({}, "wrong")));
    expect(preview).toContain("does not sign in with this clientSecret");
    expect(await errorOutput(stack.up())).toContain("does not sign in with this clientSecret");
    expect(await stack.credentialNames()).toEqual(["old"]);

    await stack.failToApply(program(), { operation: "updateCredential", times: 9, status: 422 });
    expect(await stack.outputs("key")).toMatchObject({ credentialId: old.id, name: "old" });
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.credentialNames()).toEqual(["key (1)"]);
  });
});
