/** What `pulumi-keycard drift` finds, and how it tells it. */
import { documented } from "../../docs";
import type { Proxy } from "../../provider/tamper";
import { expectValid } from "../../support/driftSchema";
import { State, World } from "../../support/driftFixture";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

describe("of everything", () => {
  let state: State;
  let later: Proxy;
  beforeEach(async () => {
    const [deployer, ci] = [
      await world.account("deployer", "Deploys from my laptop"),
      await world.account("ci"),
    ];
    const key = await world.credential(deployer, "deployer-key");
    await world.credential(deployer, "made-at-3am");
    await world.account("nightly", "Runs at night");
    await world.account("reporter");
    state = new State()
      .has(
        "ServiceAccount",
        "deployer",
        deployer.id,
        world.stated(deployer, { description: "Deploys from CI" }),
      )
      .has("ServiceAccountCredential", "deployer-key", key.id, world.statedKey(key, deployer))
      .has("ServiceAccount", "ci", ci.id, world.stated(ci))
      .was("creating", "ServiceAccount", "reporter", {
        name: "reporter",
        organizationId: world.organizationId,
      });
    await world.keycard.delete(ci.id, { organization_id: world.organizationId });
    later = await world.future();
  });
  afterEach(() => later.close());

  const all = (...args: string[]) =>
    world.drift([state], ["--stale", "90d", ...args], { env: world.env(later.endpoint) });

  test("it tells a person what is the matter and what to do", async () => {
    const { stdout, stderr, code } = await all();
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    await documented("drift.md", "text", `\`\`\`text\n${world.toldInDocs(stdout)}\`\`\``);
  });

  test("it writes a comment for a pull request", async () => {
    const { stdout, stderr, code } = await all("--format", "markdown");
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    await documented("drift.md", "markdown", world.toldInDocs(stdout.trim()));
  });

  test("it tells a program, as the schema says", async () => {
    const { stdout, stderr, code } = await all("--format", "json");
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    const { counts, findings } = expectValid(stdout);
    expect(Object.values(counts)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(findings.map(({ kind }) => kind)).toEqual(Object.keys(counts));
    const changed = await all("--format", "json", "--only", "changed");
    await documented("drift.md", "json", `\`\`\`json\n${world.toldInDocs(changed.stdout)}\`\`\``);
  });
});

test("the README shows what a person sees of a credential that somebody made by hand", async () => {
  const account = await world.account("deployer");
  const key = await world.credential(account, "deployer-key");
  await world.credential(account, "made-at-3am");
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, world.stated(account))
    .has("ServiceAccountCredential", "deployer-key", key.id, world.statedKey(key, account));
  const { stdout } = await world.drift([state]);
  const command = "$ npx pulumi-keycard drift --stack dev";
  await documented("../README.md", "drift", `\`\`\`text\n${command}\n${world.toldInDocs(stdout)}\`\`\``);
});

test("where all is as the stacks say, there is nothing to tell", async () => {
  const account = await world.account("deployer", "Deploys from CI");
  const key = await world.credential(account, "key");
  const state = new State()
    .has(
      "ServiceAccount",
      "deployer",
      account.id,
      world.stated(account, { createdAt: "2020-01-01T00:00:00Z" }),
    )
    .has("ServiceAccountCredential", "key", key.id, world.statedKey(key, account, { description: "" }));
  expect(await world.drift([state])).toEqual({
    stdout: "No drift: 1 account and 1 credential of acme compared with stack dev.\n",
    stderr: "",
    code: 0,
  });
  expect(await world.kinds([state], "--stale", "1h")).toEqual([]);
  expect((await world.drift([state], ["--format", "markdown"])).stdout).toBe(
    "<!-- pulumi-keycard drift -->\n**Keycard: No drift**\n\n`1 account and 1 credential of acme compared with stack dev`\n",
  );
});

describe("--only and --ignore", () => {
  let states: State[];
  beforeEach(async () => {
    const deployer = await world.account("deployer");
    await world.credential(deployer, "key");
    for (const name of ["ci-one", "ci-two", "nightly"]) await world.account(name);
    states = [
      new State().has("ServiceAccount", "deploys", deployer.id, world.stated(deployer, { name: "ci" })),
    ];
  });

  test("choose kinds and names, and both can be given again", async () => {
    const ci = ["unmanaged-account ci-one", "unmanaged-account ci-two"];
    expect(await world.kinds(states, "--only", "ci-*")).toEqual(ci);
    expect(await world.kinds(states, "--only", "ci-?wo", "--only", "deploys")).toEqual([
      "changed deployer",
      ci[1],
    ]);
    expect(await world.kinds(states, "--only", "changed", "--only", "unmanaged-credential")).toEqual([
      "changed deployer",
      "unmanaged-credential deployer/key",
    ]);
    expect(await world.kinds(states, "--only", "unmanaged-account", "--only", "*one")).toEqual([ci[0]]);
    expect(await world.kinds(states, "--ignore", "deployer*", "--ignore", "nightly")).toEqual(ci);
    expect(await world.kinds(states, "--ignore", "unmanaged-account", "--ignore", "changed")).toEqual([
      "unmanaged-credential deployer/key",
    ]);
    expect(await world.kinds(states, "--only", "changed", "--ignore", "deployer")).toEqual([]);
  });

  test("what is neither a kind nor a name is refused", async () => {
    for (const option of ["--only", "--ignore"]) {
      const { stderr, code } = await world.drift(states, [option, "chagned"]);
      expect(code).toBe(2);
      expect(stderr).toContain("Is it changed? For a name, put ? for one of its characters.");
    }
    expect((await world.drift(states, ["--only", "unmanaged*"])).code).toBe(2);
    await world.account("CORP\\svc");
    for (const pattern of ["CORP\\svc", "CORP\\*"])
      expect((await world.drift(states, ["--only", pattern])).stdout).toContain("1 finding (1 unmanaged-");
    expect(await world.drift(states, ["--only", "nobody"])).toEqual({
      stdout: "",
      stderr:
        'error: --only "nobody" is neither a kind nor the name of anything. The kinds are interrupted, missing, changed, unmanaged-account, unmanaged-credential, stale; a name, and no kind, can have wildcards, as in "ci-*".\n',
      code: 2,
    });
  });
});

test("nothing is hidden by a name that is the ID of something else", async () => {
  const account = await world.account("deployer");
  await world.credential(account, "key");
  const ignored = await world.account("ci-preview");
  await world.account(ignored.id);
  await world.credential(account, ignored.id);
  const state = new State().has("ServiceAccount", "deployer", account.id, world.stated(account));
  const { stdout } = await world.drift([state], ["--ignore", ignored.id, "--ignore", `${ignored.id}/*`]);
  expect(stdout).toContain("3 findings (1 unmanaged-account, 2 unmanaged-credential)");
  const own = await world.drift([state], ["--ignore", account.id]);
  expect(own.stdout).toContain("4 findings (2 unmanaged-account, 2 unmanaged-credential)");
  expect((await world.drift([state], ["--only", `${account.id}/*`])).stdout).toContain("2 findings (2 un");
});
