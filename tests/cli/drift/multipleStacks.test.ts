/** How `pulumi-keycard drift` compares several stacks, and states with secret properties. */
import { ended } from "../../support/command";
import { headlines, secret, CommandFixture } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();

test("does not compare secret properties, and lists them", async () => {
  const account = await fixture.account("deployer", "Deploys from CI");
  const key = await fixture.credential(account, "key");
  const hidden = { name: secret, description: secret, organizationId: secret };
  const state = fixture
    .state()
    .has("ServiceAccount", "deployer", account.id, hidden)
    .has("ServiceAccountCredential", "key", key.id, { ...hidden, name: "key", serviceAccountId: secret })
    .has("ServiceAccountCredential", "lost", "lost", { ...hidden, name: "lost", serviceAccountId: secret });
  const env = fixture.env({ KEYCARD_ORGANIZATION_ID: fixture.organizationId });
  const { stdout, code } = await fixture.drift([state], [], { env });
  expect(code).toBe(0);
  expect(stdout.split("\n\n")).toEqual([
    "note: stack dev: deployer: the state contains these inputs only in encrypted form, so the command did not compare them: name, description.",
    "note: stack dev: key: the state contains these inputs only in encrypted form, so the command did not compare them: description.",
    "note: stack dev: lost: the state contains these inputs only in encrypted form, so the command did not compare them: description, organizationId, serviceAccountId.",
    "No drift: 1 account and 1 credential of acme compared with stack dev.\n",
  ]);
  expect((await fixture.report([state], [], { env })).uncompared).toHaveLength(3);
  expect((await fixture.drift([state], ["--format", "markdown"], { env })).stdout).toContain(
    "- `stack dev: key: the state contains these inputs only in encrypted form",
  );
});

test("looks for objects of a secret organization in the configured one, and reports none of them as missing", async () => {
  const [account, key] = await fixture.deployer("key");
  const { organizationId, env } = await fixture.withOther();
  const state = fixture
    .state()
    .account("deployer", account, { organizationId: secret })
    .credential("key", key, account, { name: "k", organizationId: secret });
  const configured = { ...env, KEYCARD_ORGANIZATION_ID: organizationId };
  const elsewhere = await fixture.drift([state], [], { env: configured });
  const named = await fixture.drift([state], ["--organization", fixture.organizationId], { env: configured });
  expect(elsewhere.stdout).toContain(
    "note: stack dev: deployer: the state contains these inputs only in encrypted form, so the command did not compare them: organizationId.",
  );
  expect(elsewhere.stdout).toContain("No drift: 0 accounts and 0 credentials of");
  expect(headlines(named.stdout)).toContain(
    "  credential deployer/key  <ID of key>  stack dev: key  created 2026-11-21 03:07 UTC, never used",
  );
  expect(named.stdout).toContain("1 finding (1 changed): 1 account and 1 credential of acme");
});

test("compares stacks together that name the organization by ID and by label", async () => {
  const { organizationLabel } = fixture.emulator;
  const [a, b] = [await fixture.account("a"), await fixture.account("b")];
  const [key, other] = [await fixture.credential(a, "key"), await fixture.credential(b, "other")];
  const one = fixture.state("one").account("a", a);
  const deleted = fixture.credentialOutputs(other, b, { organizationId: organizationLabel });
  const two = fixture
    .state("two")
    .account("b", b, { organizationId: organizationLabel })
    .credential("key", key, a, { organizationId: organizationLabel })
    .has("ServiceAccountCredential", "deleted", "deleted", deleted);
  expect(await fixture.kinds([one])).toEqual(["unmanaged-account b", "unmanaged-credential a/key"]);
  const { stdout } = await fixture.drift([one, two]);
  expect(stdout).toContain(
    "2 findings (1 missing, 1 unmanaged-credential): 2 accounts and 2 credentials of acme compared with stack shop/one, stack shop/two.",
  );
});

test("names a credential by its account even if the account is missing", async () => {
  const account = fixture.named("deployer");
  const state = fixture
    .state()
    .has("ServiceAccount", "d", "deleted", account)
    .has("ServiceAccountCredential", "k", "lost", { ...account, name: "key", serviceAccountId: "deleted" });
  expect(await fixture.kinds([state], "--only", "deployer/*")).toEqual(["missing deployer/key"]);
});

test("reports an object once for each stack that contains it", async () => {
  const account = await fixture.account("deployer");
  const both = ["one", "two"].map((stack) =>
    fixture
      .state(stack)
      .account("deployer", account, { name: stack })
      .has("ServiceAccount", "deleted", "deleted", fixture.outputsOf(account)),
  );
  const { stdout } = await fixture.drift(both);
  expect(stdout.match(/stack shop\/(one|two): \w+/g)).toEqual([
    "stack shop/one: deployer",
    "stack shop/two: deployer",
    "stack shop/one: deleted",
    "stack shop/two: deleted",
  ]);
});

test("an object that two stacks manage is reported for each of them, with the command that makes one let go", async () => {
  const [account, key] = await fixture.deployer("key");
  const [dev, prod] = [fixture.state(), fixture.state("prod").account("deployer", account)];
  dev.account("deployer", account).credential("key", key, account);
  const { counts, findings } = await fixture.report([dev, prod]);
  expect(counts).toMatchObject({ shared: 2, "unmanaged-account": 0 });
  expect(findings.map(({ name, declared, remedies }) => [name, declared?.stack, remedies[0]?.code])).toEqual(
    ["dev", "prod"].map((stack) => [
      "deployer",
      stack,
      `pulumi state delete urn:pulumi:${stack}::shop::pulumi-nodejs:dynamic/keycard:ServiceAccount::deployer --stack ${stack}`,
    ]),
  );
});

test("an error names the stack whose settings or organization caused it", async () => {
  const [one, two] = [fixture.state("one"), fixture.state("two")];
  one.account("deployer", await fixture.account("deployer"));
  two.has("ServiceAccount", "elsewhere", "elsewhere", { name: "elsewhere", organizationId: "nobody" });
  const message = /^error: two\.json: Organization "nobody" was not found/;
  expect(await fixture.drift([one, two])).toEqual(ended(2, message));
});
