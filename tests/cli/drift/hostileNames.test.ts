/** What `pulumi-keycard drift` reads of large and of hostile organizations, and what it makes of other people's names. */
import { tamper } from "../../provider/tamper";
import { expectValid } from "../../support/driftSchema";
import { State, DriftFixture } from "../../support/driftFixture";

let fixture: DriftFixture;
beforeEach(async () => {
  fixture = await DriftFixture.open();
});
afterEach(() => fixture.close());

/** What is in the organization, as a page of its list. */
const page = (items: object[]) => ({ items, page_info: { has_next_page: false, has_prev_page: false } });

test("1,200 accounts take two calls, and the credentials of those that a stack has one each", async () => {
  const names = Array.from({ length: 1200 }, (_, index) => `account-${index}`);
  const accounts = await Promise.all(names.map((name) => fixture.account(name)));
  const state = new State();
  for (const { id, name } of accounts.slice(0, 30))
    state.has("ServiceAccount", name, id, { name, organizationId: fixture.organizationId });
  const before = (await fixture.requests()).length;
  const { stdout, code } = await fixture.drift([state], ["--format", "json"]);
  expect(code).toBe(7);
  expect(expectValid(stdout).counts).toMatchObject({ "unmanaged-account": 1170, missing: 0 });
  const calls = (await fixture.requests()).slice(before).map(({ operation }) => operation);
  const count = (name: string) => calls.filter((operation) => operation === name).length;
  expect([count("token"), count("listServiceAccounts"), count("listCredentials"), calls.length]).toEqual([
    1, 2, 30, 33,
  ]);

  const comment = await fixture.drift([state], ["--format", "markdown"]);
  expect(comment.stdout.length).toBeLessThan(65_536);
  const [rows, left] = [
    comment.stdout.match(/^\| account /gm)?.length ?? 0,
    /^(\d+) more findings are not shown here/m.exec(comment.stdout),
  ];
  expect(rows).toBeGreaterThan(100);
  expect(rows + Number(left?.[1])).toBe(1170);
});

test("what a list leaves out is asked for before it is called missing", async () => {
  const account = await fixture.account("deployer");
  const key = await fixture.credential(account, "key");
  const { organizationId } = fixture;
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, { name: "deployer", organizationId })
    .has("ServiceAccountCredential", "key", key.id, {
      name: "key",
      serviceAccountId: account.id,
      organizationId,
    })
    .has("ServiceAccountCredential", "gone", "gone", {
      name: "gone",
      serviceAccountId: account.id,
      organizationId,
    });
  const forgetful = await tamper({ endpoint: fixture.emulator.endpoint }, async ({ path }, act) => {
    const answer = await act();
    return /\/(service-accounts|credentials)\?/.test(path) ? { ...answer, body: page([]) } : answer;
  });
  const { stdout } = await fixture.drift([state], [], { env: fixture.env(forgetful.endpoint) });
  forgetful.close();
  expect(stdout).toContain("credential deployer/gone");
  expect(stdout).toContain("1 finding (1 missing): 1 account and 1 credential");
});

describe("a name that is to do harm", () => {
  const hostile =
    "x\u001b[2J\u009b31m\r\n\u202e<img src=x onerror=alert(1)> @octocat #1 `a``b` | \\| [l](http://e.vil) ](${y}) \u2028 '; rm -rf / #\u{1f468}\u200d\u{1f469}";

  beforeEach(async () => {
    const { keycard, organizationId: organization_id } = fixture;
    const account = await fixture.account("deployer", "Deploys");
    await keycard.credentials.create(account.id, { organization_id, name: hostile });
    await keycard.create(organization_id, { name: hostile, description: hostile });
    await keycard.create(organization_id, { name: "`".repeat(70_000) });
    await keycard.update(account.id, { organization_id, name: `${hostile}2` });
  });

  /** A state that has the account under the name that it had, with a hostile name in the program. */
  const state = async () => {
    const [account] = (await fixture.keycard.list(fixture.organizationId)).items;
    return new State().has("ServiceAccount", hostile, String(account?.id), {
      name: "deployer",
      description: "Deploys",
      organizationId: fixture.organizationId,
    });
  };

  test("is shown to a person as it is spelt, and to a program as it is", async () => {
    const { stdout } = await fixture.drift([await state()]);
    expect(stdout).not.toMatch(/(?![\n ])[\p{C}\p{Z}]/u);
    expect(stdout).toContain("  account x\\u{1b}[2J\\u{9b}31m\\u{d}\\u{a}\\u{202e}<img");
    expect(stdout).toContain("4 findings (1 changed, 2 unmanaged-account, 1 unmanaged-credential)");
    const json = await fixture.drift([await state()], ["--format", "json"]);
    expect(json.stdout).not.toMatch(/(?![\n ])[\p{C}\p{Z}]/u);
    const { findings } = expectValid(json.stdout);
    expect(findings.map(({ name }) => name)).toEqual([`${hostile}2`, "`".repeat(70_000), hostile, hostile]);
    // The line of code makes just this name.
    const [, , finding] = findings;
    const told = /\{ name: (".*?[^\\]"), description/.exec(String(finding?.remedies[0]?.code))?.[1];
    expect(JSON.parse(String(told))).toBe(hostile);
  });

  test("stands in a comment as code, where it is neither HTML nor a mention nor the end of a cell", async () => {
    const { stdout } = await fixture.drift([await state()], ["--format", "markdown"]);
    expect(stdout.length).toBeLessThan(65_536);
    for (const row of stdout.split("\n").filter((line) => /^\| (account|credential)/.test(line))) {
      // As GitHub reads it: first the cells of the table, then what is code in them.
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      expect(cells).toHaveLength(3);
      const left = cells.map((cell) =>
        cell.replaceAll("\\|", "|").replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, "CODE"),
      );
      expect(left.join(" ").replaceAll("<br>", " ")).not.toMatch(/[<@#`|[]|http/);
    }
    // Nothing in a line means anything else when it is copied from there: `\|` would not be what it is in TypeScript.
    const [line] = stdout.split("\n").filter((one) => one.includes("`new keycard.ServiceAccount("));
    const told = /\{ name: (".*?[^\\]"), description/.exec(String(line))?.[1];
    expect(told).not.toContain("|");
    expect(JSON.parse(String(told))).toBe(hostile);
    expect(stdout).toContain("the line is too long for this comment, see `--format json`");
  });
});

test("more in an answer than Keycard has is not looked at", async () => {
  const account = {
    id: "a",
    name: "a",
    created_at: "when?",
    updated_at: "",
    account: { id: 1 },
    client_id: "x",
    __proto__: { kind: "x" },
  };
  const server = await tamper({ endpoint: fixture.emulator.endpoint }, async ({ path }, act) =>
    path.includes("/service-accounts?") ? { status: 200, body: page([account]) } : act(),
  );
  const state = fixture.file('{"version":3,"deployment":{}}');
  const { stdout } = await fixture.drift([], ["--state", state, "--organization", "acme", "--stale", "1h"], {
    env: fixture.env(server.endpoint),
  });
  server.close();
  expect(stdout).toContain("  account a  a  created when?\n");
});
