/** How `pulumi-keycard drift` reads an organization. */
import { tamper } from "../../support/tamper";
import { DriftFixture } from "../../support/driftFixture";
import { addFault } from "../../support/client";
import { expectValid } from "../../support/driftSchema";

const fixture = DriftFixture.forEachTest();

test("1,200 accounts take two calls, and the credentials of each managed account one", async () => {
  const names = Array.from({ length: 1200 }, (_, index) => `account-${index}`);
  const accounts = await Promise.all(names.map((name) => fixture.account(name)));
  const state = fixture.state();
  for (const account of accounts.slice(0, 30)) state.account(account.name, account);
  const before = (await fixture.requests()).length;
  // A token has no client ID, whose account the command would look for.
  const env = {
    PATH: process.env.PATH,
    KEYCARD_ENDPOINT: fixture.emulator.endpoint,
    KEYCARD_API_KEY: fixture.emulator.apiKey,
  };
  const { stdout, code } = await fixture.drift([state], ["--format", "json"], { env });
  expect(code).toBe(7);
  expect(expectValid(stdout).counts).toMatchObject({ "unmanaged-account": 1170, missing: 0 });
  const calls = (await fixture.requests()).slice(before).map(({ operation }) => operation);
  const count = (name: string) => calls.filter((operation) => operation === name).length;
  expect([count("token"), count("listServiceAccounts"), count("listCredentials"), calls.length]).toEqual([
    0, 2, 30, 32,
  ]);

  const comment = await fixture.drift([state], ["--format", "markdown"], { env });
  expect(comment.stdout.length).toBeLessThan(65_536);
  const [rows, left] = [
    comment.stdout.match(/^\| account /gm)?.length ?? 0,
    /^(\d+) more findings are not shown here/m.exec(comment.stdout),
  ];
  expect(rows).toBeGreaterThan(100);
  expect(rows + Number(left?.[1])).toBe(1170);
});

test("retrieves an object that a list omits before reporting it as missing", async () => {
  const account = await fixture.account("deployer");
  const key = await fixture.credential(account, "key");
  const deleted = fixture.credentialOutputs({ name: "deleted" }, account);
  const state = fixture
    .state()
    .account("deployer", account)
    .credential("key", key, account)
    .has("ServiceAccountCredential", "deleted", "deleted", deleted);
  const forgetful = await tamper({ endpoint: fixture.emulator.endpoint }, async ({ path }, act) => {
    const response = await act();
    return /\/(service-accounts|credentials)\?/.test(path)
      ? { ...response, body: { items: [], page_info: { has_next_page: false, has_prev_page: false } } }
      : response;
  });
  const { stdout } = await fixture.drift([state], [], { env: fixture.env(forgetful.endpoint) });
  forgetful.close();
  expect(stdout).toContain("credential deployer/deleted");
  expect(stdout).toContain("1 finding (1 missing): 1 account and 1 credential");
});

test("does not report the account that the command signs in with, wherever it stands in a long list", async () => {
  const before = await Promise.all(Array.from({ length: 30 }, (_, index) => fixture.account(`old-${index}`)));
  const pulumi = await fixture.account("pulumi");
  const { client_id, client_secret } = await fixture.credential(pulumi, "pulumi");
  await fixture.account("new");
  const { endpoint, apiKey } = fixture.emulator;
  // The emulator's accounts have no permissions: the credential signs in, and another one makes the calls.
  const server = await tamper({ endpoint, authorizeAs: apiKey });
  const identity = { KEYCARD_CLIENT_ID: client_id, KEYCARD_CLIENT_SECRET: client_secret };
  const env = { ...fixture.env(server.endpoint), ...identity };
  const state = fixture.state();
  for (const account of before) state.account(account.name, account);
  const { stdout } = await fixture.drift([state], ["--format", "json"], { env });
  server.close();
  expect(expectValid(stdout).findings.map(({ name }) => name)).toEqual(["new"]);
});

test("needs no permission to list the credentials of accounts that no stack manages", async () => {
  await fixture.account("deployer");
  await addFault(fixture.emulator, { operation: "listCredentials", status: 403, times: 9 });
  expect(await fixture.kinds([fixture.state()], "--organization", fixture.organizationId)).toEqual([
    "unmanaged-account deployer",
  ]);
});
