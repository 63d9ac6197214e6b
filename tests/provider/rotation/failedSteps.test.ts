/** A rotation that fails half-way loses no credential, and goes on where it ended. docs/faults.md has every fault in every step. */
import { account, steps, triggered, useStack } from "../../support/stack";

const stack = useStack("emptied");

const LOST = { operation: "createCredential", reset: true, commit: true } as const;
const NO_SEARCH = { operation: "listCredentials", skip: 1, times: 9, status: 503, retryAfter: 0 } as const;
const NO_DELETION = { operation: "deleteCredential", times: 9, status: 403 } as const;

describe("a new credential that cannot sign in yet", () => {
  let output: string;
  let first: Record<string, string>;
  let half: Record<string, string>;
  beforeEach(async () => {
    await stack.apply(triggered("1"));
    first = await stack.outputs("key");
    // The first sign-in is the provider's own.
    const refused = { operation: "token", skip: 1, times: 9, status: 401 } as const;
    output = await stack.failToApply(triggered("2"), refused);
    half = await stack.outputs("key");
  });

  test("is kept as pending with its secret, while the old one stays current; the next `up` makes it current", async () => {
    expect(output).toContain("The old credential stays the current one.");
    expect(half).toMatchObject({ clientId: first["clientId"], clientSecret: first["clientSecret"] });
    const pending = { clientId: half["pendingClientId"], clientSecret: half["pendingClientSecret"] };
    expect(await stack.signsIn(pending as typeof half)).toBe(true);
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ ...pending, previousClientId: first["clientId"] });
    expect(await stack.credentialNames()).toEqual(["key (1)", "key (2)"]);
    expect(steps(await stack.up())).toEqual([]);
  });

  test("becomes current also after a refresh, which clears the error from the state, and if the program is changed back", async () => {
    await stack.refresh();
    const { pendingClientId } = await stack.outputs("key");
    expect(pendingClientId).toBeDefined();
    expect(steps(await stack.apply(triggered("1")))).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ clientId: pendingClientId });
    expect(await stack.credentialNames()).toEqual(["key (1)", "key (2)"]);
  });

  test("is replaced by another one if somebody deletes it meanwhile", async () => {
    await stack.deleteCredentialByHand(half["pendingCredentialId"]);
    await stack.up();
    expect(await stack.signsIn("key")).toBe(true);
    expect(await stack.credentialNames()).toEqual(["key (1)", "key (2)"]);
  });

  test("is deleted with the others", async () => {
    await stack.apply({ deployer: account() });
    expect(await stack.credentialNames()).toEqual([]);
  });
});

test("a lost response to the first create or to a rotation leaves no unknown credential; a refused revocation is made up for", async () => {
  await stack.apply({ deployer: account() });
  const output = await stack.failToApply(triggered("1"), LOST, NO_SEARCH);
  expect(output).toContain("The update is incomplete");
  expect((await stack.credentials()).length).toBe(1);
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await stack.credentialNames()).toEqual(["key (1)"]);
  expect(await stack.signsIn("key")).toBe(true);

  const first = await stack.outputs("key");
  await stack.failToApply(triggered("2"), LOST, NO_SEARCH);
  expect((await stack.credentials()).length).toBe(2);
  await stack.up();
  expect(await stack.credentialNames()).toEqual(["key (1)", "key (2)"]);
  expect([await stack.signsIn("key"), await stack.signsIn(first)]).toEqual([true, true]);

  // The second rotation cannot revoke the first credential, and the next `up` does so.
  await stack.failToApply(triggered("3"), NO_DELETION);
  expect(await stack.outputs("key")).toMatchObject({ generation: 3 });
  expect(await stack.signsIn("key")).toBe(true);
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await stack.credentialNames()).toEqual(["key (2)", "key (3)"]);
  expect(steps(await stack.up())).toEqual([]);
});

test("a first credential that is useless and could not be revoked stays in the state until it is", async () => {
  await stack.failToApply(triggered("1"), LOST, NO_DELETION);
  expect(steps(await stack.refresh())).toEqual(["update key"]);
  await stack.up();
  expect(await stack.credentialNames()).toEqual(["key (1)"]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("after a failed rename, a program that is changed back renames again; after a refresh, the next `up` goes on", async () => {
  const renamed = triggered("2", { name: "ci" });
  const refused = { operation: "updateCredential", skip: 1, times: 99, status: 403 } as const;
  await stack.apply(triggered("1"));
  await stack.apply(triggered("2"));
  await stack.failToApply(renamed, refused);
  await stack.apply(triggered("2"));
  expect(await stack.credentialNames()).toEqual(["key (1)", "key (2)"]);

  await stack.failToApply(renamed, refused);
  await stack.refresh();
  await stack.up();
  expect(await stack.credentialNames()).toEqual(["ci (1)", "ci (2)"]);
  expect(steps(await stack.up())).toEqual([]);
});
