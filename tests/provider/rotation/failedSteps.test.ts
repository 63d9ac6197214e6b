/** A rotation that fails half-way loses no credential, and goes on where it ended. docs/faults.md has every fault in every step. */
import { account, errorOutput, rotating, steps, useStack } from "../../support/stack";

const stack = useStack("test");

const when = (breach: string, args: object = {}) => ({
  deployer: account(),
  key: rotating({ rotateWhenChanged: { breach }, ...args }),
});

/** Lets the sign-in with the next new credential fail, after the provider's own. */
async function refuseNextVerification(times = 9): Promise<void> {
  await stack.fault({ operation: "token", skip: 1, times, status: 401 });
}

async function names(): Promise<string[]> {
  return (await stack.credentials()).map(({ name }) => name);
}

describe("a new credential that cannot sign in yet", () => {
  test("is kept as pending with its secret, while the old one stays current; the next `up` makes it current", async () => {
    await stack.apply(when("1"));
    const first = await stack.outputs("key");
    await refuseNextVerification();
    expect(await errorOutput(stack.apply(when("2")))).toContain("The old credential stays the current one.");
    await stack.clearFaults();
    const half = await stack.outputs("key");
    expect(half).toMatchObject({ clientId: first["clientId"], clientSecret: first["clientSecret"] });
    expect(
      await stack.signsIn({
        clientId: String(half["pendingClientId"]),
        clientSecret: String(half["pendingClientSecret"]),
      }),
    ).toBe(true);
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({
      clientId: String(half["pendingClientId"]),
      clientSecret: String(half["pendingClientSecret"]),
      previousClientId: first["clientId"],
    });
    expect(await names()).toEqual(["key (1)", "key (2)"]);
    expect(steps(await stack.up())).toEqual([]);
  });

  test("also after a refresh, which clears the error from the state, and if the program is changed back", async () => {
    await stack.apply(when("1"));
    await refuseNextVerification();
    await errorOutput(stack.apply(when("2")));
    await stack.clearFaults();
    await stack.refresh();
    const { pendingClientId } = await stack.outputs("key");
    expect(pendingClientId).toBeDefined();
    expect(steps(await stack.apply(when("1")))).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ clientId: pendingClientId });
    expect(await names()).toEqual(["key (1)", "key (2)"]);
  });

  test("is replaced by another one if somebody deletes it meanwhile", async () => {
    await stack.apply(when("1"));
    await refuseNextVerification();
    await errorOutput(stack.apply(when("2")));
    await stack.clearFaults();
    const { pendingCredentialId, serviceAccountId } = await stack.outputs("key");
    const place = { ...stack.organization, service_account_id: String(serviceAccountId) };
    await stack.keycard.credentials.delete(String(pendingCredentialId), place);
    await stack.up();
    expect(await stack.signsIn("key")).toBe(true);
    expect(await names()).toEqual(["key (1)", "key (2)"]);
  });

  test("is deleted with the others", async () => {
    await stack.apply(when("1"));
    await refuseNextVerification();
    await errorOutput(stack.apply(when("2")));
    await stack.clearFaults();
    await stack.apply({ deployer: account() });
    expect(await names()).toEqual([]);
  });
});

test("a lost response to a rotation leaves no credential that the state does not know", async () => {
  await stack.apply(when("1"));
  const first = await stack.outputs("key");
  await stack.fault({ operation: "createCredential", reset: true, commit: true });
  await stack.fault({ operation: "listCredentials", skip: 1, times: 9, status: 503, retryAfter: 0 });
  await errorOutput(stack.apply(when("2")));
  await stack.clearFaults();
  expect((await names()).length).toBe(2);
  await stack.up();
  expect(await names()).toEqual(["key (1)", "key (2)"]);
  expect([await stack.signsIn("key"), await stack.signsIn(first)]).toEqual([true, true]);
});

test("a rotation that could not revoke the one before the previous one does so with the next `up`", async () => {
  await stack.apply(when("1"));
  await stack.apply(when("2"));
  await stack.fault({ operation: "deleteCredential", times: 9, status: 403 });
  await errorOutput(stack.apply(when("3")));
  await stack.clearFaults();
  expect(await stack.outputs("key")).toMatchObject({ generation: 3 });
  expect(await stack.signsIn("key")).toBe(true);
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await names()).toEqual(["key (2)", "key (3)"]);
  expect(steps(await stack.up())).toEqual([]);
});

test("a first create whose response and search are both lost leaves one credential in the end", async () => {
  await stack.apply({ deployer: account() });
  await stack.fault({ operation: "createCredential", reset: true, commit: true });
  await stack.fault({ operation: "listCredentials", skip: 1, times: 9, status: 503, retryAfter: 0 });
  expect(await errorOutput(stack.apply(when("1")))).toContain("The update is incomplete");
  await stack.clearFaults();
  expect((await names()).length).toBe(1);
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await names()).toEqual(["key (1)"]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("a first credential that is useless and could not be revoked stays in the state until it is", async () => {
  await stack.apply({ deployer: account() });
  await stack.fault({ operation: "createCredential", reset: true, commit: true });
  await stack.fault({ operation: "deleteCredential", times: 9, status: 403 });
  await errorOutput(stack.apply(when("1")));
  await stack.clearFaults();
  expect(steps(await stack.refresh())).toEqual(["update key"]);
  await stack.up();
  expect(await names()).toEqual(["key (1)"]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("after a failed rename and a refresh, the next `up` renames what is left", async () => {
  await stack.apply(when("1"));
  await stack.apply(when("2"));
  await stack.fault({ operation: "updateCredential", skip: 1, times: 99, status: 403 });
  await errorOutput(stack.apply(when("2", { name: "ci" })));
  await stack.clearFaults();
  await stack.refresh();
  await stack.up();
  expect(await names()).toEqual(["ci (1)", "ci (2)"]);
  expect(steps(await stack.up())).toEqual([]);
});

test("after a failed rename, a program that is changed back renames again", async () => {
  await stack.apply(when("1"));
  await stack.apply(when("2"));
  await stack.fault({ operation: "updateCredential", skip: 1, times: 99, status: 403 });
  await errorOutput(stack.apply(when("2", { name: "ci" })));
  await stack.clearFaults();
  await stack.apply(when("2"));
  expect(await names()).toEqual(["key (1)", "key (2)"]);
});
