/** The report of `pulumi-keycard drift`, in its three formats, and how --only and --ignore filter it. */
import type { CredentialCreateResponse } from "pulumi-keycard/sdk";
import { pictured } from "../../support/picture";
import { documented, table } from "../../docs";
import { ended } from "../../support/command";
import { reportIn } from "../../support/driftSchema";
import { CommandFixture } from "../../support/commandFixture";
import type { State } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();

describe("a finding of each kind", () => {
  let state: State;
  let rotated: CredentialCreateResponse[];
  beforeEach(async () => {
    const deployer = await fixture.account("deployer", "Deploys from my laptop");
    const ci = await fixture.account("ci");
    const [key] = await fixture.credentials(deployer, "deployer-key", "made-at-3am");
    await fixture.account("nightly", "Runs at night");
    await fixture.account("reporter");
    const ops = await fixture.account("ops");
    const [previous, current] = await fixture.credentials(deployer, "backup (1)", "backup (2)");
    rotated = [previous, current];
    state = fixture
      .state()
      .account("deployer", deployer, { description: "Deploys from CI" })
      .credential("deployer-key", key, deployer)
      .has(
        ...(["RotatingCredential", "backup", "rotating-credential-1"] as const),
        fixture.rotatedOutputs(previous, current, deployer),
      )
      .account("ci", ci)
      .account("ops", ops)
      .account("ops-again", ops)
      .was("creating", "ServiceAccount", "reporter", fixture.named("reporter"));
    await fixture.keycard.delete(ci.id, { organization_id: fixture.organizationId });
  });

  const all = (...args: string[]) => fixture.driftIn100Days([state], ["--stale", "90d", ...args], ...rotated);

  test("is printed as text with its remedies, as docs/drift.md shows", async () => {
    const { stdout, stderr, code } = await all();
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    await documented("drift.md", "text", `\`\`\`text\n${fixture.forDocs(stdout)}\`\`\``);
    const titles = [...stdout.matchAll(/^(\S+) \(\d+\): (.+)$/gm)];
    const kinds = titles.map(([, kind, meaning = ""]) => [`\`${kind}\``, meaning]);
    await documented("drift.md", "kinds", table(["kind", "meaning"], kinds));
  });

  test("is printed as Markdown for a pull request", async () => {
    const { stdout, stderr, code } = await all("--format", "markdown");
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    await documented("drift.md", "markdown", fixture.forDocs(stdout.trim()));
  });

  test("is printed as JSON that conforms to the schema", async () => {
    const { counts, findings } = reportIn(await all("--format", "json"));
    expect(Object.values(counts)).toEqual([1, 2, 1, 1, 1, 1, 1, 1]);
    expect([...new Set(findings.map(({ kind }) => kind))]).toEqual(Object.keys(counts));
    const changed = await all("--format", "json", "--only", "changed");
    await documented("drift.md", "json", `\`\`\`json\n${fixture.forDocs(changed.stdout)}\`\`\``);
  });
});

test("the README shows the report about a credential created by hand", async () => {
  const [account, key] = await fixture.deployer("deployer-key", "made-at-3am");
  const state = fixture.state().account("deployer", account).credential("deployer-key", key, account);
  const { stdout } = await fixture.drift([state], [], { env: { ...fixture.env(), FORCE_COLOR: "1" } });
  await pictured("drift", "npx pulumi-keycard drift --stack dev", fixture.forDocs(stdout));
});

test("reports no drift if Keycard equals the states; times and empty descriptions do not matter", async () => {
  const account = await fixture.account("deployer", "Deploys from CI");
  const key = await fixture.credential(account, "key");
  const state = fixture
    .state()
    .account("deployer", account, { createdAt: "2020-01-01T00:00:00Z" })
    .credential("key", key, account, { description: "" });
  expect(await fixture.drift([state])).toEqual({
    stdout: "No drift: 1 account and 1 credential of acme compared with stack dev.\n",
    stderr: "",
    code: 0,
  });
  expect(await fixture.kinds([state], "--stale", "1h")).toEqual([]);
  expect((await fixture.drift([state], ["--format", "markdown"])).stdout).toBe(
    "<!-- pulumi-keycard drift -->\n**Keycard: No drift**\n\n`1 account and 1 credential of acme compared with stack dev`\n",
  );
});

describe("--only and --ignore", () => {
  let states: State[];
  beforeEach(async () => {
    const [deployer] = await fixture.deployer("key");
    for (const name of ["ci-one", "ci-two", "nightly"]) await fixture.account(name);
    states = [fixture.state().account("deploys", deployer, { name: "ci" })];
  });

  test("select kinds and names, and can be repeated", async () => {
    const ci = ["unmanaged-account ci-one", "unmanaged-account ci-two"];
    expect(await fixture.kinds(states, "--only", "ci-*")).toEqual(ci);
    expect(await fixture.kinds(states, "--only", "ci-?wo", "--only", "deploys")).toEqual([
      "changed deployer",
      ci[1],
    ]);
    expect(await fixture.kinds(states, "--only", "changed", "--only", "unmanaged-credential")).toEqual([
      "changed deployer",
      "unmanaged-credential deployer/key",
    ]);
    expect(await fixture.kinds(states, "--only", "unmanaged-account", "--only", "*one")).toEqual([ci[0]]);
    expect(await fixture.kinds(states, "--ignore", "deployer*", "--ignore", "nightly")).toEqual(ci);
    expect(await fixture.kinds(states, "--ignore", "unmanaged-account", "--ignore", "changed")).toEqual([
      "unmanaged-credential deployer/key",
    ]);
    expect(await fixture.kinds(states, "--only", "changed", "--ignore", "deployer")).toEqual([]);
  });

  test("exit with 2 on a misspelt kind and on a name that matches nothing", async () => {
    for (const option of ["--only", "--ignore"]) {
      expect(await fixture.drift(states, [option, "chagned"])).toEqual(
        ended(2, /Did you mean changed\? The kinds are/),
      );
    }
    expect((await fixture.drift(states, ["--only", "unmanaged*"])).code).toBe(2);
    await fixture.account("CORP\\svc");
    for (const pattern of ["CORP\\svc", "CORP\\*"])
      expect((await fixture.drift(states, ["--only", pattern])).stdout).toContain("1 finding (1 unmanaged-");
    const message =
      'error: --only "nobody" matches no kind and no name. The kinds are interrupted, shared, missing, changed, overdue, unmanaged-account, unmanaged-credential, stale. A name may contain wildcards, as in "ci-*".\n';
    expect(await fixture.drift(states, ["--only", "nobody"])).toEqual(ended(2, message));
  });
});

test("--ignore with an ID hides no other object that has the ID as its name", async () => {
  const [account] = await fixture.deployer("key");
  const ignored = await fixture.account("ci-preview");
  await fixture.account(ignored.id);
  await fixture.credential(account, ignored.id);
  const state = fixture.state().account("deployer", account);
  const { stdout } = await fixture.drift([state], ["--ignore", ignored.id, "--ignore", `${ignored.id}/*`]);
  expect(stdout).toContain("3 findings (1 unmanaged-account, 2 unmanaged-credential)");
  const own = await fixture.drift([state], ["--ignore", account.id]);
  expect(own.stdout).toContain("4 findings (2 unmanaged-account, 2 unmanaged-credential)");
  expect((await fixture.drift([state], ["--only", `${account.id}/*`])).stdout).toContain("2 findings (2 un");
});

test("a selection without findings says how many it hides", async () => {
  const account = await fixture.account("deployer");
  await fixture.account("unmanaged");
  const state = fixture.state().account("deployer", account);
  const changed = await fixture.drift([state], ["--only", "changed"]);
  expect(changed).toMatchObject({
    stdout:
      "No drift in the selection (1 other finding hidden by --only or --ignore): 2 accounts and 0 credentials of acme compared with stack dev.\n",
    code: 0,
  });
  const unmanaged = await fixture.report([state], ["--only", "unmanaged-*"]);
  expect(unmanaged).toMatchObject({ counts: { "unmanaged-account": 1 }, hidden: 0 });
  const ignored = await fixture.report([state], ["--ignore", "unmanaged-*"]);
  expect(ignored).toMatchObject({ findings: [], hidden: 1 });
});

test("--cwd and -C run the command in another folder", async () => {
  fixture.file(fixture.state().account("deployer", await fixture.account("deployer")), "dev.json");
  for (const option of ["-C", "--cwd"]) {
    const result = await fixture.drift([], [option, fixture.pathOf("."), "--state", "dev.json"]);
    expect(result).toMatchObject({ stderr: "", code: 0 });
  }
  const message = /error: Cannot change to the folder \/nowhere:/;
  expect(await fixture.drift([], ["-C", "/nowhere"])).toEqual(ended(2, message));
});
