/** How `pulumi-keycard drift` reads an organization. */
import { CommandFixture } from "../../support/commandFixture";
import { addFault } from "../../support/client";

const fixture = CommandFixture.forEachTest();

test("1,200 accounts take two calls, and the credentials of each managed account one", async () => {
  const names = Array.from({ length: 1200 }, (_, index) => `account-${index}`);
  const accounts = await Promise.all(names.map((name) => fixture.account(name)));
  const state = fixture.state();
  for (const account of accounts.slice(0, 30)) state.account(account.name, account);
  const before = (await fixture.operations()).length;
  // A token has no client ID, whose account the command would look for.
  const { endpoint, apiKey } = fixture.emulator;
  const env = { KEYCARD_ENDPOINT: endpoint, KEYCARD_API_KEY: apiKey };
  const { counts } = await fixture.report([state], [], { env });
  expect(counts).toMatchObject({ "unmanaged-account": 1170, missing: 0 });
  const calls = (await fixture.operations()).slice(before).sort();
  expect(calls).toEqual([...Array(30).fill("listCredentials"), ...Array(2).fill("listServiceAccounts")]);

  const comment = await fixture.drift([state], ["--format", "markdown"], { env });
  expect(comment.stdout.length).toBeLessThan(65_536);
  const rows = comment.stdout.match(/^\| account /gm)?.length ?? 0;
  const left = /^(\d+) more findings are not shown here/m.exec(comment.stdout);
  expect(rows).toBeGreaterThan(100);
  expect(rows + Number(left?.[1])).toBe(1170);
});

test("retrieves an object that a list omits before reporting it as missing", async () => {
  const [account, key] = await fixture.deployer("key");
  const deleted = fixture.credentialOutputs({ name: "deleted" }, account);
  const state = fixture
    .state()
    .account("deployer", account)
    .credential("key", key, account)
    .has("ServiceAccountCredential", "deleted", "deleted", deleted);
  const env = await fixture.proxied(async ({ path }, act) => {
    const response = await act();
    return /\/(service-accounts|credentials)\?/.test(path)
      ? { ...response, body: { items: [], page_info: { has_next_page: false, has_prev_page: false } } }
      : response;
  });
  const { stdout } = await fixture.drift([state], [], { env });
  expect(stdout).toContain("credential deployer/deleted");
  expect(stdout).toContain("1 finding (1 missing): 1 account and 1 credential");
});

test("does not report the account that the command signs in with, wherever it stands in a long list", async () => {
  const before = await Promise.all(Array.from({ length: 30 }, (_, index) => fixture.account(`old-${index}`)));
  const pulumi = await fixture.account("pulumi");
  const env = await fixture.signingInAs(await fixture.credential(pulumi, "pulumi"));
  await fixture.account("new");
  const state = fixture.state();
  for (const account of before) state.account(account.name, account);
  const { findings } = await fixture.report([state], [], { env });
  expect(findings.map(({ name }) => name)).toEqual(["new"]);
});

test("needs no permission to list the credentials of accounts that no stack manages", async () => {
  await fixture.account("deployer");
  await addFault(fixture.emulator, { operation: "listCredentials", status: 403, times: 9 });
  expect(await fixture.kinds([fixture.state()], "--organization", fixture.organizationId)).toEqual([
    "unmanaged-account deployer",
  ]);
});
