/** What `pulumi-keycard drift` tells of what an interrupted update left. */
import { startEmulator } from "pulumi-keycard/emulator";
import { tamper } from "../../provider/tamper";
import { headlines, secret, State, under, World } from "../../support/driftFixture";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

test("what is alike in another organization is not taken for what an interrupted update left", async () => {
  const other = await startEmulator();
  const both = await tamper(({ path }) =>
    path.includes(`/${other.organizationId}/`)
      ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
      : { endpoint: world.emulator.endpoint },
  );
  await world.account("ci");
  const state = new State().was("creating", "ServiceAccount", "ci", {
    name: "ci",
    organizationId: other.organizationId,
  });
  const { stdout } = await world.drift([state], ["--organization", world.organizationId], {
    env: world.env(both.endpoint),
  });
  expect(stdout).toContain("2 findings (1 interrupted, 1 unmanaged-account)");
  expect(stdout).toContain("nothing that it could have made is at Keycard");
  both.close();
  await other.close();
});

describe("what an interrupted update left", () => {
  test("is recognised by the state's pending operations, and is told once", async () => {
    const { organizationId } = world;
    const [deployer, nightly] = [await world.account("deployer"), await world.account("nightly", "At night")];
    const [lost, used] = [await world.credential(deployer, "lost"), await world.credential(deployer, "used")];
    const old = await world.credential(deployer, "old");
    const state = new State()
      .has("ServiceAccount", "deployer", deployer.id, world.stated(deployer, { name: "deployer2" }))
      .has("ServiceAccountCredential", "key", old.id, world.statedKey(old, deployer), { delete: true })
      .has("ServiceAccountCredential", "key", used.id, world.statedKey(used, deployer))
      .has("ServiceAccountCredential", "gone", "gone", world.statedKey(lost, deployer), { delete: true })
      .has("ServiceAccount", "half", "half", { name: "half", organizationId }, { pendingReplacement: true })
      .was("updating", "ServiceAccount", "deployer", world.stated(deployer), deployer.id)
      .was("deleting", "ServiceAccount", "late", { name: "late", organizationId }, "late")
      .was("reading", "ServiceAccount", "read", { name: "read", organizationId })
      .was("creating", "ServiceAccount", "taken", { name: "taken", adopt: nightly.id, organizationId })
      .was("creating", "ServiceAccount", "nothing", { name: "nothing", organizationId })
      .was("creating", "ServiceAccount", "hidden", { name: secret, organizationId })
      .was("creating", "ServiceAccountCredential", "lost", {
        name: "lost",
        serviceAccountId: deployer.id,
        organizationId,
      });
    const { stdout, code } = await world.drift([state]);
    expect(code).toBe(7);
    expect(headlines(stdout)).toEqual([
      "  account deployer  <ID of deployer>  stack dev: deployer  made 2026-11-21 03:07 UTC",
      "    An update was interrupted while it changed it.",
      "  account half  half  stack dev: half",
      "    It was deleted, and the update ended before it was made again.",
      "  account hidden  stack dev: hidden",
      "    An update was interrupted while it created it; what it made, if anything, cannot be recognised by its name, which the program made secret.",
      "  account late  late  stack dev: late",
      "    An update was interrupted while it deleted it; it is gone.",
      "  account nightly  <ID of nightly>  stack dev: taken  made 2026-11-21 03:07 UTC",
      "    An update was interrupted while it took it over.",
      "  account nothing  stack dev: nothing",
      "    An update was interrupted while it created it; nothing that it could have made is at Keycard.",
      "  credential deployer/lost  <ID of lost>  stack dev: lost  made 2026-11-21 03:07 UTC, never used",
      "    An update was interrupted while it created a credential like it.",
      "  credential deployer/old  <ID of old>  stack dev: key  made 2026-11-21 03:07 UTC, never used",
      "    It was replaced, and the update ended before it was deleted.",
    ]);
    // The steps, in their order: a killed update leaves the stack locked, too.
    expect(under(stdout, "account nightly")).toEqual([
      "unlock the stack, if no update is running:  pulumi cancel --stack dev",
      "then run:                                   pulumi up --stack dev",
      "then let Pulumi forget the interruption:    pulumi refresh --clear-pending-creates --stack dev",
    ]);
    expect(under(stdout, "credential deployer/lost")).toEqual([
      "unlock the stack, if no update is running:  pulumi cancel --stack dev",
      "its secret is lost: delete it at Keycard",
      "then let Pulumi forget the interruption:    pulumi refresh --clear-pending-creates --stack dev",
    ]);
    expect(under(stdout, "account late")[0]).toContain("pulumi cancel");
    // To whoever does not care about interruptions, what they left is not somebody else's.
    expect(await world.kinds([state], "--ignore", "interrupted")).toEqual([]);
    expect(await world.kinds([state], "--only", "unmanaged-credential")).toEqual([]);
  });

  test("as many are told of as there are, and each says how many are alike", async () => {
    const pending = { name: "ci", organizationId: world.organizationId };
    const state = new State().was("creating", "ServiceAccount", "one", pending);
    for (const description of [undefined, undefined, "something else"])
      await world.account("ci", description);
    const { stdout } = await world.drift([state]);
    expect(stdout.match(/created an account like it; 2 are like that/g)).toHaveLength(2);
    expect(stdout).toContain("3 findings (2 interrupted, 1 unmanaged-account)");
    state
      .was("creating", "ServiceAccount", "two", pending)
      .was("creating", "ServiceAccount", "three", pending);
    const more = await world.drift([state], ["--only", "interrupted"]);
    expect(more.stdout.match(/stack dev: (one|two|three)/g)?.sort()).toEqual([
      "stack dev: one",
      "stack dev: three",
      "stack dev: two",
    ]);
    expect(more.stdout).toContain("account ci  stack dev: three\n");
  });

  test("is not taken over where its resource has another one by now, and is revoked where the stack revokes", async () => {
    const { organizationId } = world;
    const second = await world.account("second");
    const first = await world.keycard.create(organizationId, { name: "worker", description: "x" });
    const lost = await world.credential(second, "lost");
    const only = { serviceAccountId: second.id, organizationId, credentialIds: [] as string[] };
    const state = new State()
      .has("ServiceAccount", "worker", second.id, world.stated(second))
      .has("ExclusiveCredentials", "only", second.id, only)
      .was("creating", "ServiceAccount", "worker", { name: "worker", description: "x", organizationId })
      .was("creating", "ServiceAccountCredential", "lost", world.statedKey(lost, second));
    const { stdout } = await world.drift([state]);
    expect(under(stdout, "account worker")).toEqual([
      `its resource has another one by now: delete this one at Keycard, or take it over:  new keycard.ServiceAccount("worker-2", { name: "worker", description: "x", adopt: "${first.id}" });`,
      expect.stringContaining("pulumi refresh --clear-pending-creates --stack dev"),
    ]);
    expect(under(stdout, "credential second/lost")[1]).toMatch(
      /^its secret is lost: delete it at Keycard, or revoke it by running this twice: +pulumi up --refresh --stack dev$/,
    );
    only.credentialIds.push(lost.id);
    const listed = await world.drift([state]);
    expect(under(listed.stdout, "credential second/lost")[1]).toBe(
      "its secret is lost: delete it at Keycard",
    );
  });

  test("is recognised by what the state keeps of a create that could not be settled", async () => {
    const { organizationId } = world;
    const before = await world.account("ci");
    const made = await world.account("ci");
    const unsettled = { others: [before.id], together: 1, since: made.created_at, until: made.created_at };
    const state = new State()
      .has("ServiceAccount", "ci", "unsettled-1", { name: "ci", organizationId, unsettled })
      .has("ServiceAccount", "no", "unsettled-2", { name: "no", organizationId, unsettled });
    const { stdout } = await world.drift([state]);
    expect(headlines(stdout).slice(0, 4)).toEqual([
      "  account ci  <ID of ci>  stack dev: ci  made 2026-11-21 03:07 UTC",
      "    Keycard's answer to a creation was lost, which seems to have made it.",
      "  account no  stack dev: no",
      "    Keycard's answer to its creation was lost; nothing that it could have made is there.",
    ]);
    expect(stdout).toContain("3 findings (2 interrupted, 1 unmanaged-account)");
  });
});
