/** The remedies that `pulumi-keycard drift` prints. */
import { headlines, remediesOf, CommandFixture } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();

test("reports a credential as stale by its last use and the server's clock", async () => {
  const [account, used] = await fixture.deployer("used", "unused");
  expect(await fixture.use(used)).toBe(true);
  const state = fixture.state().account("deployer", account).credential("used", used, account);
  const args = ["--stale", "14w", "--ignore", "unmanaged-credential"];
  const { stdout } = await fixture.driftIn100Days([state], args);
  // A filtered-out kind does not hide the next kind that matches.
  expect(headlines(stdout)).toEqual([
    "  credential deployer/unused  <ID of unused>  created 2026-11-21 03:07 UTC, never used",
    "    It was created 100 days ago and has never been used.",
    "  credential deployer/used  <ID of used>  stack dev: used  created 2026-11-21 03:07 UTC, last used 2026-11-21 03:07 UTC",
    "    It was last used 100 days ago.",
  ]);
  expect((await fixture.drift([state], ["--stale", "15w", "--only", "stale"])).code).toBe(0);
});

test("advises how to replace or revoke a stale credential, whatever its name and arguments", async () => {
  const [account, a, b, c, listed, other] = await fixture.deployer("a", "b", "c", "listed", "other");
  const adopted = { inputs: fixture.credentialOutputs(a, account, { adopt: a.id }) };
  const state = fixture
    .state()
    .credential("a", a, account, {}, adopted)
    .credential("b*", b, account)
    .credential("c\u200b", c, account)
    .exclusive("only", account, [listed.id]);
  const { stdout } = await fixture.driftIn100Days([state], ["--stale", "1w", "--only", "stale"]);
  expect(remediesOf(stdout, "credential deployer/a")[1]).toMatch(
    /^or remove its `adopt` and `clientSecret`, and replace it: +pulumi up --replace urn:\S+::a --stack dev$/,
  );
  for (const name of ["b", "c"])
    expect(remediesOf(stdout, `credential deployer/${name}`)[1]).toBe(
      'or replace it: add this option, run `pulumi up`, change the option\'s value, and run `pulumi up` again:  replacementTrigger: "1"',
    );
  expect(remediesOf(stdout, "credential deployer/listed")).toEqual([
    "remove it from its account's ExclusiveCredentials, then run:  pulumi up --stack dev",
  ]);
  const revoke = "revoke it:  pulumi up --refresh --stack dev";
  expect(remediesOf(stdout, `credential deployer/${other.name}`)).toEqual([revoke]);
});

test("reports only credentials that ExclusiveCredentials does not list, and that an update revokes them", async () => {
  const [account, listed, other] = await fixture.deployer("listed", "other");
  const foundByRefresh = { otherIds: [other.id] };
  const state = fixture.state().exclusive("only", account, [listed.id, other.id], foundByRefresh);
  const { stdout } = await fixture.drift([state]);
  expect(stdout).toContain("2 findings (1 unmanaged-account, 1 unmanaged-credential)");
  expect(stdout).toContain("credential deployer/other  <ID of other>  stack dev: only");
  expect(stdout).toMatch(/revoke it: +pulumi up --refresh --stack dev/);
});

test("reports an account that is only read as unmanaged, and as missing once it is deleted", async () => {
  const account = await fixture.account("deployer");
  const state = fixture
    .state()
    .account("theirs", account, { description: "once" }, { external: true })
    .has("ServiceAccount", "deleted", "deleted", fixture.outputsOf(account), { external: true });
  const { stdout } = await fixture.drift([state]);
  expect(headlines(stdout)).toEqual([
    "  account deployer  deleted  stack dev: deleted",
    "    The program reads it, but Keycard does not have it: the next update will fail.",
    "  account deployer  <ID of deployer>  stack dev: theirs  created 2026-11-21 03:07 UTC",
    "    A stack reads it, but none manages it.",
  ]);
});

test("advises to adopt a credential that is only read in place of its get, and never revokes it", async () => {
  const [account, read, own] = await fixture.deployer("read", "own", "by-hand");
  const state = fixture
    .state()
    .account("deployer", account)
    .credential("theirs", read, account, {}, { external: true })
    .credential("own", own, account);
  const { stdout } = await fixture.drift([state]);
  expect(stdout).toContain("stack dev: theirs  created");
  expect(stdout).toContain("\n    A stack reads it, but none manages it.\n");
  expect(remediesOf(stdout, "credential deployer/read")).toEqual([
    'adopt it, in place of the `get`, if you have its secret:  new keycard.ServiceAccountCredential("theirs", { serviceAccountId: "<ID of deployer>", name: "read", adopt: "<ID of read>", clientSecret: new pulumi.Config().requireSecret("read-secret") });',
  ]);
  const [, revoke = ""] = remediesOf(stdout, "credential deployer/by-hand");
  const kept = /credentialIds: \[(.*)\]/.exec(revoke)?.[1];
  expect(kept?.split(", ").sort()).toEqual(['"<ID of own>"', '"<ID of read>"']);
  const args = ["--stale", "1w", "--only", "stale", "--only", "*/read"];
  const stale = await fixture.driftIn100Days([state], args);
  expect(remediesOf(stale.stdout, "credential deployer/read")).toEqual([
    "remove its `get` from the program, then delete the credential at Keycard",
  ]);
});

test("uses each logical name and each secret key only once in all remedies", async () => {
  const [ci, first] = [await fixture.account("ci"), await fixture.account("ci")];
  const last = await fixture.account("ci");
  await fixture.credentials(ci, "key", "key", "key!", "ci");
  await fixture.credential(first, "ci");
  const deleted = fixture.credentialOutputs({ name: "key" }, ci);
  const state = fixture
    .state()
    .account("ci", ci)
    .has("ServiceAccountCredential", "key", "deleted", deleted)
    .exclusive("only-ci", first, []);
  const { findings } = await fixture.report([state]);
  const lines = findings.flatMap(({ remedies }) => remedies.flatMap(({ code }) => code ?? []));
  const named = (type: string) =>
    lines.flatMap((line) => new RegExp(`new keycard\\.${type}\\("(.*?)"`).exec(line)?.[1] ?? []);
  expect(named("ServiceAccount").sort()).toEqual(["ci-2", "ci-3"]);
  const adopted = fixture.normalized(last.id);
  expect(lines).toContain(`new keycard.ServiceAccount("ci-3", { name: "ci", adopt: "${adopted}" });`);
  expect(named("ServiceAccountCredential").sort()).toEqual(["ci", "ci-2", "key!", "key-2", "key-3"]);
  expect(new Set(named("ExclusiveCredentials"))).toEqual(new Set(["only-ci-2"]));
  const keys = lines.flatMap((line) => /requireSecret\("(.*?)"\)/.exec(line)?.[1] ?? []);
  expect(keys.sort()).toEqual(["ci-2-secret", "ci-secret", "key--secret", "key-2-secret", "key-3-secret"]);
});

test("explains why an object with invalid Unicode cannot be adopted or kept", async () => {
  const account = await fixture.account("deployer");
  const env = await fixture.proxied(async ({ path }, act) => {
    const response = await act();
    const body = JSON.parse(JSON.stringify(response.body).replace("deployer", "\\ud800")) as object;
    return path.includes("/service-accounts?") ? { ...response, body } : response;
  });
  const args = ["--organization", fixture.organizationId];
  const unmanaged = await fixture.drift([fixture.state()], args, { env });
  expect(remediesOf(unmanaged.stdout, "account ")).toEqual([
    "it cannot be adopted: name contains invalid Unicode, which Pulumi cannot store",
  ]);
  const state = fixture.state().account("deployer", account);
  const changed = await fixture.drift([state], ["--format", "markdown"], { env });
  expect(changed.stdout).toContain(
    "<br>it cannot be kept as it is: name contains invalid Unicode, which Pulumi cannot store |",
  );
});
