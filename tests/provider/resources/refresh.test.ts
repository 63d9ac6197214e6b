/** Changes at Keycard behind Pulumi's back: refresh finds them, preview shows them, up repairs them. */
import { account, errorOutput, key, steps, useStack } from "../../support/stack";

const stack = useStack("suite");
const deployer = account({ description: "Deploys from CI" });
const UNCHANGED = { same: 3 };

beforeEach(async () => {
  await stack.apply({ deployer, key: key({ description: "GitHub Actions" }) });
});

test("a change by hand is found, shown and repaired", async () => {
  const { clientSecret } = await stack.outputs("key");
  await stack.changeByHand({ description: "changed by hand" }, { name: "changed by hand" });

  expect(steps(await stack.refresh())).toEqual(expect.arrayContaining(["update deployer", "update key"]));
  const preview = await stack.preview();
  expect(steps(preview)).toEqual(["update deployer", "update key"]);
  expect(preview.steps.find(({ name }) => name === "deployer")?.diff).toEqual({
    description: ["changed by hand", "Deploys from CI"],
  });
  await stack.up();
  expect(await stack.accounts()).toMatchObject([{ description: "Deploys from CI" }]);
  expect(await stack.credentials()).toMatchObject([{ name: "key" }]);
  expect(await stack.outputs("key")).toMatchObject({ clientSecret });
  expect((await stack.refresh()).changes).toEqual(UNCHANGED);
});

test("a description that was added by hand is cleared again", async () => {
  await stack.apply({ plain: account() });
  await stack.changeByHand({ description: "added by hand" });
  await stack.refresh();
  expect(steps(await stack.up())).toEqual(["update plain"]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
});

test("a credential that was deleted by hand is created again, and its account stays", async () => {
  const [before] = await stack.accounts();
  const old = await stack.outputs("key");
  await stack.deleteByHand("key");
  expect(steps(await stack.refresh())).toEqual(["delete key"]);
  expect(steps(await stack.preview())).toEqual(["create key"]);
  await stack.up();
  expect((await stack.accounts())[0]?.id).toBe(before?.id);
  expect(await stack.signsIn(old)).toBe(false);
  expect(await stack.signsIn("key")).toBe(true);
});

test("an account that was deleted by hand is created again, with its credential", async () => {
  await stack.deleteByHand("deployer");
  expect(steps(await stack.refresh()).sort()).toEqual(["delete deployer", "delete key"]);
  expect(steps(await stack.up())).toEqual(["create deployer", "create key"]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("sign-ins and Keycard's own times are no drift", async () => {
  expect(await stack.signsIn("key")).toBe(true);
  await stack.changeByHand({ description: "for a moment" });
  await stack.changeByHand({ description: "Deploys from CI" });
  const refreshed = await stack.refresh();
  expect(refreshed.steps.filter(({ diff }) => diff && Object.keys(diff).length > 0)).toEqual([]);
  expect((await stack.up()).changes).toEqual(UNCHANGED);
  expect(await stack.outputs("key")).toMatchObject({ lastUsedAt: expect.any(String) as string });
});

test("deleting an object that is already deleted succeeds", async () => {
  await stack.deleteByHand("deployer");
  expect(steps(await stack.apply({}))).toEqual(["delete key", "delete deployer"]);
});

test("a status of 401, 403, 500 or 503 never counts as deleted", async () => {
  const before = await stack.state();
  for (const status of [401, 403, 500, 503]) {
    await stack.fault({ operation: "retrieveCredential", status, times: 100 });
    expect(await errorOutput(stack.refresh())).toContain(String(status));
    await stack.clearFaults();
    expect(await stack.state()).toEqual(before);
  }
  expect((await stack.up()).changes).toEqual(UNCHANGED);
});

test.each([
  ["from the token endpoint", /service-account-token$/],
  ["from a proxy, without Keycard's error code,", /credentials\/\w+$/],
])("a 404 %s never counts as deleted", async (_source, faulty) => {
  const before = await stack.outputs("key");
  await stack.intercept(async ({ path }, act) =>
    faulty.test(path) ? { status: 404, body: "<h1>Not found</h1>" } : act(),
  );
  await stack.up();
  await expect(stack.refresh()).rejects.toThrow(/404/);
  await expect(stack.apply({ deployer })).rejects.toThrow(/404/);
  await stack.configure();
  expect(await stack.outputs("key")).toEqual(before);
  expect(await stack.signsIn("key")).toBe(true);
});

test("an organization that is not found is an error, and nothing in it counts as deleted", async () => {
  await stack.fault({ operation: "*", status: 404, times: 100 });
  expect(await errorOutput(stack.refresh())).toContain("was not found");
  await stack.clearFaults();
  expect((await stack.up()).changes).toEqual(UNCHANGED);
});
