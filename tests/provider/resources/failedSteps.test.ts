/** Failed steps lose nothing: neither an object that exists nor a secret. */
import { account, errorOutput, key, steps, useStack } from "../../support/stack";

const program = { deployer: account(), key: key() };
const stack = useStack("emptied");

test("a failed create leaves the other resources in the state, and a failed update keeps the secret", async () => {
  const conflict = { operation: "createCredential", status: 409, times: 100 } as const;
  expect(await stack.failToApply(program, conflict)).toContain("409");
  expect(steps(await stack.up())).toEqual(["create key"]);
  expect((await stack.accounts()).length).toBe(1);

  const before = await stack.outputs("key");
  const renamed = { ...program, key: key({ name: "renamed" }) };
  const refused = { operation: "updateCredential", status: 422, times: 100 } as const;
  expect(await stack.failToApply(renamed, refused)).toContain("422");
  expect(await stack.outputs("key")).toEqual(before);
  expect(steps(await stack.up())).toEqual(["update key"]);
  const { clientSecret } = before;
  expect(await stack.outputs("key")).toMatchObject({ clientSecret, name: "renamed" });
});

test("an update with an unknown outcome is repeated, even if the program is changed back", async () => {
  await stack.apply({ deployer: account() });
  const operation = "updateServiceAccount";
  await stack.fault({ operation, status: 503, retryAfter: 0, commit: true, times: 3 });
  const renamed = { deployer: account({ name: "renamed", description: "new" }) };
  expect(await errorOutput(stack.apply(renamed))).toContain("may have applied the update anyway");
  expect(await stack.accounts()).toMatchObject([{ name: "renamed" }]);
  expect(steps(await stack.apply({ deployer: account() }))).toEqual(["update deployer"]);
  const [updated] = await stack.accounts();
  expect(updated?.name).toBe("deployer");
  expect(updated?.description).toBeUndefined();
});
