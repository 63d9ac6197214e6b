/** What happens at Keycard behind Pulumi's back: found by refresh, shown by preview, repaired by up. */
import { account, credential, Stack, steps } from "../stack";
import { tamper } from "../tamper";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

beforeEach(async () => {
  await stack.declare({
    deployer: account({ description: "Deploys from CI" }),
    key: credential({ serviceAccountId: "${deployer.id}", description: "GitHub Actions" }),
  });
  await stack.up();
});

const quiet = { same: 3 };

test("a change by hand is found, shown and repaired", async () => {
  const key = await stack.outputs("key");
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
  expect(await stack.outputs("key")).toMatchObject({ clientSecret: key["clientSecret"] });
  expect((await stack.refresh()).changes).toEqual(quiet);
});

test("a description that was added by hand is taken away again", async () => {
  await stack.declare({ plain: account() });
  await stack.up();
  await stack.changeByHand({ description: "added by hand" });
  await stack.refresh();
  expect(steps(await stack.up())).toEqual(["update plain"]);
  expect((await stack.accounts())[0]).not.toHaveProperty("description");
});

test("a credential that was deleted by hand is made again, and its account is left alone", async () => {
  const [made] = await stack.accounts();
  const old = await stack.outputs("key");
  await stack.deleteByHand("key");
  expect(steps(await stack.refresh())).toEqual(["delete key"]);
  expect(steps(await stack.preview())).toEqual(["create key"]);
  await stack.up();
  expect((await stack.accounts())[0]?.id).toBe(made?.id);
  expect(await stack.signsIn(old)).toBe(false);
  expect(await stack.signsIn("key")).toBe(true);
});

test("an account that was deleted by hand is made again, with its credential", async () => {
  await stack.deleteByHand("deployer");
  expect(steps(await stack.refresh()).sort()).toEqual(["delete deployer", "delete key"]);
  expect(steps(await stack.up())).toEqual(["create deployer", "create key"]);
  expect(await stack.signsIn("key")).toBe(true);
});

test("signing in and Keycard's own times are no drift", async () => {
  expect(await stack.signsIn("key")).toBe(true);
  await stack.changeByHand({ description: "for a moment" });
  await stack.changeByHand({ description: "Deploys from CI" });
  const refreshed = await stack.refresh();
  expect(refreshed.steps.filter(({ diff }) => diff && Object.keys(diff).length > 0)).toEqual([]);
  expect((await stack.up()).changes).toEqual(quiet);
  expect(await stack.outputs("key")).toMatchObject({ lastUsedAt: expect.any(String) as string });
});

test("deleting what is gone succeeds", async () => {
  await stack.deleteByHand("deployer");
  await stack.declare({});
  expect(steps(await stack.up())).toEqual(["delete key", "delete deployer"]);
});

test.each([401, 403, 500, 503])("an answer of %i never reads as gone", async (status) => {
  const before = await stack.state();
  await stack.fault({ operation: "retrieveCredential", status, times: 100 });
  await expect(stack.refresh()).rejects.toThrow(new RegExp(`${status}`));
  await stack.clearFaults();
  expect(await stack.state()).toEqual(before);
  expect((await stack.up()).changes).toEqual(quiet);
});

test.each([
  ["of the token's endpoint", "token"],
  ["of a proxy that does not speak Keycard's language", "retrieveCredential"],
])("a 404 %s never reads as gone", async (_whose, operation) => {
  const before = await stack.outputs("key");
  const faulty = operation === "token" ? /service-account-token$/ : /credentials\/\w+$/;
  const proxy = await tamper({ endpoint: stack.emulator.endpoint }, async ({ path }, act) =>
    faulty.test(path) ? { status: 404, body: "<h1>Not found</h1>" } : act(),
  );
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.up();
  await expect(stack.refresh()).rejects.toThrow(/404/);
  await stack.declare({ deployer: account({ description: "Deploys from CI" }) });
  await expect(stack.up()).rejects.toThrow(/404/);
  proxy.close();
  await stack.configure();
  expect(await stack.outputs("key")).toEqual(before);
  expect(await stack.signsIn("key")).toBe(true);
});

test("an organization that does not answer is an error, not an empty one", async () => {
  await stack.fault({ operation: "*", status: 404, times: 100 });
  await expect(stack.refresh()).rejects.toThrow(/was not found/);
  await stack.clearFaults();
  expect((await stack.up()).changes).toEqual(quiet);
});
