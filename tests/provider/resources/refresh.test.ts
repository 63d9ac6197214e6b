/** Changes at Keycard behind Pulumi's back: refresh finds them, preview shows them, up repairs them. */
import { account, errorOutput, key, steps, useStack } from "../../support/stack";

const stack = useStack("suite");
const deployer = account({ description: "Deploys from CI" });
const program = { deployer, key: key({ description: "GitHub Actions" }) };
const UNCHANGED = { same: 3 };
const HTML = { status: 404, body: "<h1>Not found</h1>" };

/** The calls that receive a page in place of Keycard's response. */
let faulty: RegExp | undefined;

beforeAll(async () => {
  await stack.intercept(async ({ path }, act) => (faulty?.test(path) ? HTML : act()));
  await stack.apply(program);
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

test("for an account that was deleted by hand, the advice is to refresh, and the next up creates it again with its credential", async () => {
  await stack.deleteByHand("deployer");
  const output = await errorOutput(stack.apply({ ...program, another: key() }));
  expect(output).toContain("If the account was deleted outside of Pulumi, run `pulumi refresh`");
  expect(steps(await stack.refresh()).sort()).toEqual(["delete deployer", "delete key"]);
  expect(steps(await stack.apply(program))).toEqual(["create deployer", "create key"]);
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

test("neither a status of 401, 403, 500 or 503 nor a missing organization counts as deleted", async () => {
  const before = await stack.state();
  const cases = [401, 403, 500, 503].map((status) => ["retrieveCredential", status, `${status}`] as const);
  for (const [operation, status, shown] of [...cases, ["*", 404, "was not found"] as const]) {
    await stack.fault({ operation, status, retryAfter: 0, times: 100 });
    expect(await errorOutput(stack.refresh())).toContain(shown);
    await stack.clearFaults();
    expect(await stack.state()).toEqual(before);
  }
  expect((await stack.up()).changes).toEqual(UNCHANGED);
});

test.each([
  ["from the token endpoint", /service-account-token$/, "404"],
  [
    "of a proxy, without Keycard's error code,",
    /credentials\/\w+$/,
    "The response is not Keycard's. Check that keycard:endpoint",
  ],
])("a 404 %s never counts as deleted, and the advice is not to refresh", async (_source, calls, advice) => {
  const before = await stack.outputs("key");
  faulty = calls;
  const output = await errorOutput(stack.refresh());
  expect(output).toContain("404");
  expect(output).toContain(advice);
  expect(output).not.toContain("run `pulumi refresh`");
  await expect(stack.apply({ deployer })).rejects.toThrow(/404/);
  faulty = undefined;
  expect(await stack.outputs("key")).toEqual(before);
  expect(await stack.signsIn("key")).toBe(true);
});

test("deleting an object that is already deleted succeeds", async () => {
  await stack.deleteByHand("deployer");
  expect(steps(await stack.apply({}))).toEqual(["delete key", "delete deployer"]);
});

test("a description that was added by hand is cleared again", async () => {
  await stack.apply({ plain: account() });
  await stack.changeByHand({ description: "added by hand" });
  await stack.refresh();
  expect(steps(await stack.up())).toEqual(["update plain"]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
});
