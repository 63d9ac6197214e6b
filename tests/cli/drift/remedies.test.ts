/** What `pulumi-keycard drift` says that one can do. */
import { signsIn } from "../../engine/keycard";
import { tamper } from "../../provider/tamper";
import { expectValid } from "../../support/driftSchema";
import { headlines, State, under, DriftFixture } from "../../support/driftFixture";

let fixture: DriftFixture;
beforeEach(async () => {
  fixture = await DriftFixture.open();
});
afterEach(() => fixture.close());

test("a credential is stale by the server's clock, and by its last use", async () => {
  const account = await fixture.account("deployer");
  const used = await fixture.credential(account, "used");
  await fixture.credential(account, "unused");
  expect(
    await signsIn(fixture.emulator.endpoint, { clientId: used.client_id, clientSecret: used.client_secret }),
  ).toBe(true);
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, fixture.stated(account))
    .has("ServiceAccountCredential", "used", used.id, fixture.statedKey(used, account));
  const later = await fixture.future();
  const env = fixture.env(later.endpoint);
  const { stdout } = await fixture.drift([state], ["--stale", "14w", "--ignore", "unmanaged-credential"], {
    env,
  });
  // What is not to be told as unmanaged is stale all the same.
  expect(headlines(stdout)).toEqual([
    "  credential deployer/unused  <ID of unused>  created 2026-11-21 03:07 UTC, never used",
    "    It was created 100 days ago and has never been used.",
    "  credential deployer/used  <ID of used>  stack dev: used  created 2026-11-21 03:07 UTC, last used 2026-11-21 03:07 UTC",
    "    It was last used 100 days ago.",
  ]);
  expect((await fixture.drift([state], ["--stale", "15w", "--only", "stale"], { env })).code).toBe(0);
  later.close();
});

test("a stale credential is replaced, and revoked, by what works on it", async () => {
  const account = await fixture.account("deployer");
  const [a, b, c] = [
    await fixture.credential(account, "a"),
    await fixture.credential(account, "b"),
    await fixture.credential(account, "c"),
  ];
  const [listed, other] = [
    await fixture.credential(account, "listed"),
    await fixture.credential(account, "other"),
  ];
  const only = { serviceAccountId: account.id, organizationId: fixture.organizationId };
  const adopted = { inputs: fixture.statedKey(a, account, { adopt: a.id }) };
  const state = new State()
    .has("ServiceAccountCredential", "a", a.id, fixture.statedKey(a, account), adopted)
    .has("ServiceAccountCredential", "b*", b.id, fixture.statedKey(b, account))
    .has("ServiceAccountCredential", "c\u200b", c.id, fixture.statedKey(c, account))
    .has("ExclusiveCredentials", "only", account.id, { ...only, credentialIds: [listed.id] });
  const later = await fixture.future();
  const { stdout } = await fixture.drift([state], ["--stale", "1w", "--only", "stale"], {
    env: fixture.env(later.endpoint),
  });
  later.close();
  expect(under(stdout, "credential deployer/a")[1]).toMatch(
    /^or remove its `adopt` and `clientSecret`, and replace it: +pulumi up --replace urn:\S+::a --stack dev$/,
  );
  for (const name of ["b", "c"])
    expect(under(stdout, `credential deployer/${name}`)[1]).toBe(
      'or replace it: add this option, run `pulumi up`, change the option\'s value, and run `pulumi up` again:  replacementTrigger: "1"',
    );
  expect(under(stdout, "credential deployer/listed")).toEqual([
    "remove it from its account's ExclusiveCredentials, then run:  pulumi up --stack dev",
  ]);
  expect(under(stdout, `credential deployer/${other.name}`)).toEqual([
    "revoke it:  pulumi up --refresh --stack dev",
  ]);
});

test("what ExclusiveCredentials lists is nobody's drift; what it does not is revoked by the next update", async () => {
  const account = await fixture.account("deployer");
  const [listed, other] = [
    await fixture.credential(account, "listed"),
    await fixture.credential(account, "other"),
  ];
  const only = { serviceAccountId: account.id, organizationId: fixture.organizationId };
  const state = new State().has("ExclusiveCredentials", "only", account.id, {
    ...only,
    credentialIds: [listed.id, other.id],
    otherIds: [other.id], // found by a refresh
  });
  const { stdout } = await fixture.drift([state]);
  expect(stdout).toContain("2 findings (1 unmanaged-account, 1 unmanaged-credential)");
  expect(stdout).toContain("credential deployer/other  <ID of other>  stack dev: only");
  expect(stdout).toMatch(/revoke it: +pulumi up --refresh --stack dev/);
});

test("what a stack only reads is not managed by it, and is missing where it is gone", async () => {
  const account = await fixture.account("deployer");
  const state = new State()
    .has("ServiceAccount", "theirs", account.id, fixture.stated(account, { description: "once" }), {
      external: true,
    })
    .has("ServiceAccount", "gone", "gone", fixture.stated(account), { external: true });
  const { stdout } = await fixture.drift([state]);
  expect(headlines(stdout)).toEqual([
    "  account deployer  gone  stack dev: gone",
    "    The program reads it, but Keycard does not have it: the next update will fail.",
    "  account deployer  <ID of deployer>  stack dev: theirs  created 2026-11-21 03:07 UTC",
    "    A stack reads it, but none manages it.",
  ]);
});

test("what a stack only reads can be taken over in the place of its get, and no advice revokes it", async () => {
  const account = await fixture.account("deployer");
  const [read, own] = [await fixture.credential(account, "read"), await fixture.credential(account, "own")];
  await fixture.credential(account, "by-hand");
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, fixture.stated(account))
    .has("ServiceAccountCredential", "theirs", read.id, fixture.statedKey(read, account), { external: true })
    .has("ServiceAccountCredential", "own", own.id, fixture.statedKey(own, account));
  const { stdout } = await fixture.drift([state]);
  expect(stdout).toContain("stack dev: theirs  created");
  expect(stdout).toContain("\n    A stack reads it, but none manages it.\n");
  expect(under(stdout, "credential deployer/read")).toEqual([
    'adopt it, in place of the `get`, if you have its secret:  new keycard.ServiceAccountCredential("theirs", { serviceAccountId: "<ID of deployer>", name: "read", adopt: "<ID of read>", clientSecret: new pulumi.Config().requireSecret("read-secret") });',
  ]);
  const kept = /credentialIds: \[(.*)\]/.exec(under(stdout, "credential deployer/by-hand")[1] ?? "")?.[1];
  expect(kept?.split(", ").sort()).toEqual(['"<ID of own>"', '"<ID of read>"']);
  const later = await fixture.future();
  const stale = await fixture.drift([state], ["--stale", "1w", "--only", "stale", "--only", "*/read"], {
    env: fixture.env(later.endpoint),
  });
  later.close();
  expect(under(stale.stdout, "credential deployer/read")).toEqual([
    "remove the `get` that reads it from the program, then delete it at Keycard",
  ]);
});

test("each line that is advised declares another resource, and takes another secret", async () => {
  const [ci, first] = [await fixture.account("ci"), await fixture.account("ci")];
  const last = await fixture.account("ci");
  for (const name of ["key", "key", "key!", "ci"]) await fixture.credential(ci, name);
  await fixture.credential(first, "ci");
  const state = new State()
    .has("ServiceAccount", "ci", ci.id, fixture.stated(ci))
    .has("ServiceAccountCredential", "key", "gone", fixture.statedKey({ name: "key" } as never, ci))
    .has("ExclusiveCredentials", "only-ci", first.id, {
      serviceAccountId: first.id,
      organizationId: fixture.organizationId,
    });
  const { stdout } = await fixture.drift([state], ["--format", "json"]);
  const { findings } = expectValid(stdout);
  const lines = findings.flatMap(({ remedies }) => remedies.flatMap(({ code }) => code ?? []));
  const named = (type: string) =>
    lines.flatMap((line) => new RegExp(`new keycard\\.${type}\\("(.*?)"`).exec(line)?.[1] ?? []);
  expect(named("ServiceAccount").sort()).toEqual(["ci-2", "ci-3"]);
  expect(lines.filter((line) => line.startsWith("new keycard.ServiceAccount("))).toContain(
    `new keycard.ServiceAccount("ci-3", { name: "ci", adopt: "${last.id}" });`.replaceAll(
      last.id,
      fixture.told(last.id),
    ),
  );
  expect(named("ServiceAccountCredential").sort()).toEqual(["ci", "ci-2", "key!", "key-2", "key-3"]);
  expect(new Set(named("ExclusiveCredentials"))).toEqual(new Set(["only-ci-2"]));
  const keys = lines.flatMap((line) => /requireSecret\("(.*?)"\)/.exec(line)?.[1] ?? []);
  expect(keys.sort()).toEqual(["ci-2-secret", "ci-secret", "key--secret", "key-2-secret", "key-3-secret"]);
});

test("what no program can say is not advised", async () => {
  const account = await fixture.account("deployer");
  const names = await tamper({ endpoint: fixture.emulator.endpoint }, async ({ path }, act) => {
    const answer = await act();
    const body = JSON.parse(JSON.stringify(answer.body).replace("deployer", "\\ud800")) as object;
    return path.includes("/service-accounts?") ? { ...answer, body } : answer;
  });
  const env = fixture.env(names.endpoint);
  const empty = [
    "--state",
    fixture.file('{"version":3,"deployment":{}}'),
    "--organization",
    fixture.organizationId,
  ];
  const unmanaged = await fixture.drift([], empty, { env });
  expect(under(unmanaged.stdout, "account ")).toEqual([
    "it cannot be adopted: name is not valid Unicode, which Pulumi cannot store",
  ]);
  const state = new State().has("ServiceAccount", "deployer", account.id, fixture.stated(account));
  const changed = await fixture.drift([state], ["--format", "markdown"], { env });
  expect(changed.stdout).toContain(
    "<br>it cannot be kept as it is: name is not valid Unicode, which Pulumi cannot store |",
  );
  names.close();
});
