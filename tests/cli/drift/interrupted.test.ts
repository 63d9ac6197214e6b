/** The findings of `pulumi-keycard drift` after an interrupted update. */
import { headlines, secret, remediesOf, CommandFixture } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();

test("does not match a pending create with an account of another organization", async () => {
  const { organizationId, env } = await fixture.withOther();
  await fixture.account("ci");
  const state = fixture
    .state()
    .was("creating", "ServiceAccount", "ci", fixture.named("ci", { organizationId }));
  const { stdout } = await fixture.drift([state], ["--organization", fixture.organizationId], { env });
  expect(stdout).toContain("2 findings (1 interrupted, 1 unmanaged-account)");
  expect(stdout).toContain("Keycard has no matching object");
});

describe("an interrupted update", () => {
  test("is recognized by pending operations, and its objects are reported under no other kind", async () => {
    const deployer = await fixture.account("deployer");
    const nightly = await fixture.account("nightly", "At night");
    const [lost, used, old] = await fixture.credentials(deployer, "lost", "used", "old");
    const deleted = fixture.credentialOutputs(lost, deployer);
    const inDeployer = { serviceAccountId: deployer.id };
    const state = fixture
      .state()
      .account("deployer", deployer, { name: "deployer2" })
      .credential("key", old, deployer, {}, { delete: true })
      .credential("key", used, deployer)
      .has("ServiceAccountCredential", "deleted", "deleted", deleted, { delete: true })
      .has("ServiceAccount", "half", "half", fixture.named("half"), { pendingReplacement: true })
      .was("updating", "ServiceAccount", "deployer", fixture.outputsOf(deployer), deployer.id)
      .was("deleting", "ServiceAccount", "late", fixture.named("late"), "late")
      .was("reading", "ServiceAccount", "read", fixture.named("read"))
      .was("creating", "ServiceAccount", "taken", fixture.named("taken", { adopt: nightly.id }))
      .was("creating", "ServiceAccount", "nothing", fixture.named("nothing"))
      .was("creating", "ServiceAccount", "hidden", fixture.named("hidden", { name: secret }))
      .was("creating", "ServiceAccountCredential", "lost", fixture.named("lost", inDeployer));
    const { stdout, code } = await fixture.drift([state]);
    expect(code).toBe(7);
    expect(headlines(stdout)).toEqual([
      "  account deployer  <ID of deployer>  stack dev: deployer  created 2026-11-21 03:07 UTC",
      "    An update was interrupted while changing it.",
      "  account half  half  stack dev: half",
      "    It was deleted, but the update ended before creating its replacement.",
      "  account hidden  stack dev: hidden",
      "    An update was interrupted while creating it. Its name is encrypted in the state, so the command cannot tell which object the update created, if any.",
      "  account late  late  stack dev: late",
      "    An update was interrupted after Keycard deleted it, so the state still contains it.",
      "  account nightly  <ID of nightly>  stack dev: taken  created 2026-11-21 03:07 UTC",
      "    An update was interrupted while adopting it.",
      "  account nothing  stack dev: nothing",
      "    An update was interrupted while creating it, but Keycard has no matching object.",
      "  credential deployer/lost  <ID of lost>  stack dev: lost  created 2026-11-21 03:07 UTC, never used",
      "    An update was interrupted while creating a credential with this name and description.",
      "  credential deployer/old  <ID of old>  stack dev: key  created 2026-11-21 03:07 UTC, never used",
      "    It was replaced, but the update ended before deleting it.",
    ]);
    // The remedies are steps, in their order.
    expect(remediesOf(stdout, "account nightly")).toEqual([
      "unlock the stack, if no update is running:  pulumi cancel --stack dev",
      "then run:                                   pulumi up --stack dev",
      "then clear the pending operation:           pulumi refresh --clear-pending-creates --stack dev",
    ]);
    expect(remediesOf(stdout, "credential deployer/lost")).toEqual([
      "unlock the stack, if no update is running:  pulumi cancel --stack dev",
      "its secret was lost: delete it at Keycard",
      "then clear the pending operation:           pulumi refresh --clear-pending-creates --stack dev",
    ]);
    expect(remediesOf(stdout, "account late")[0]).toContain("pulumi cancel");
    // If the kind is filtered out, its objects do not become unmanaged.
    expect(await fixture.kinds([state], "--ignore", "interrupted")).toEqual([]);
    expect(await fixture.kinds([state], "--only", "unmanaged-credential")).toEqual([]);
  });

  test("pairs matching accounts with identical pending creates, and prints how many match", async () => {
    const pending = fixture.named("ci");
    const state = fixture.state().was("creating", "ServiceAccount", "one", pending);
    for (const description of [undefined, undefined, "something else"])
      await fixture.account("ci", description);
    const { stdout } = await fixture.drift([state]);
    const found = /creating an account with this name and description\. 2 objects match\./g;
    expect(stdout.match(found)).toHaveLength(2);
    expect(stdout).toContain("3 findings (2 interrupted, 1 unmanaged-account)");
    state
      .was("creating", "ServiceAccount", "two", pending)
      .was("creating", "ServiceAccount", "three", pending);
    const more = await fixture.drift([state], ["--only", "interrupted"]);
    expect(more.stdout.match(/stack dev: (one|two|three)/g)?.sort()).toEqual([
      "stack dev: one",
      "stack dev: three",
      "stack dev: two",
    ]);
    expect(more.stdout).toContain("account ci  stack dev: three\n");
  });

  test("is not resolved by adopt once its resource manages another account, and may be resolved by ExclusiveCredentials", async () => {
    const [second, lost] = await fixture.deployer("lost");
    const first = await fixture.account("worker", "x");
    const listedIds: string[] = [];
    const state = fixture
      .state()
      .account("worker", second)
      .exclusive("only", second, listedIds)
      .was("creating", "ServiceAccount", "worker", fixture.outputsOf(first))
      .was("creating", "ServiceAccountCredential", "lost", fixture.credentialOutputs(lost, second));
    const { stdout } = await fixture.drift([state]);
    expect(remediesOf(stdout, "account worker")).toEqual([
      'the resource manages another account now: delete this one at Keycard, or adopt it under another name:  new keycard.ServiceAccount("worker-2", { name: "worker", description: "x", adopt: "<ID of worker>" });',
      expect.stringContaining("pulumi refresh --clear-pending-creates --stack dev"),
    ]);
    expect(remediesOf(stdout, "credential deployer/lost")[1]).toMatch(
      /^its secret was lost: delete it at Keycard, or revoke it by running this twice: +pulumi up --refresh --stack dev$/,
    );
    listedIds.push(lost.id);
    const listed = await fixture.drift([state]);
    expect(remediesOf(listed.stdout, "credential deployer/lost")[1]).toBe(
      "its secret was lost: delete it at Keycard",
    );
  });

  test("is recognized by a create whose response was lost, which the state records", async () => {
    const [before, { created_at }] = [await fixture.account("ci"), await fixture.account("ci")];
    const pendingVerification = { others: [before.id], since: created_at, until: created_at };
    const state = fixture
      .state()
      .has("ServiceAccount", "ci", "pending-verification-1", fixture.named("ci", { pendingVerification }))
      .has("ServiceAccount", "no", "pending-verification-2", fixture.named("no", { pendingVerification }));
    const { stdout } = await fixture.drift([state]);
    expect(headlines(stdout).slice(0, 4)).toEqual([
      "  account ci  <ID of ci>  stack dev: ci  created 2026-11-21 03:07 UTC",
      "    The response to a create request was lost. That request probably created this object.",
      "  account no  stack dev: no",
      "    The response to the request that creates it was lost, and Keycard has no matching object.",
    ]);
    expect(stdout).toContain("3 findings (2 interrupted, 1 unmanaged-account)");
  });
});
