/** Hostile names and responses in the reports of `pulumi-keycard drift`. */
import { reportIn } from "../../support/driftSchema";
import { CommandFixture } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();

describe("a hostile name", () => {
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

  /** Returns a state with the account's previous name and a hostile logical name. */
  const state = async () => {
    const [account] = (await fixture.keycard.list(fixture.organizationId)).items;
    const outputs = fixture.named("deployer", { description: "Deploys" });
    return fixture.state().has("ServiceAccount", hostile, String(account?.id), outputs);
  };

  /** Returns the literal of the name in a declaration. */
  const nameIn = (code = "") => String(/\{ name: (".*?[^\\]"), description/.exec(code)?.[1]);

  test("is escaped in text, and unchanged in JSON", async () => {
    const { stdout } = await fixture.drift([await state()]);
    expect(stdout).not.toMatch(/(?![\n ])[\p{C}\p{Z}]/u);
    expect(stdout).toContain("  account x\\u{1b}[2J\\u{9b}31m\\u{d}\\u{a}\\u{202e}<img");
    expect(stdout).toContain("4 findings (1 changed, 2 unmanaged-account, 1 unmanaged-credential)");
    const json = await fixture.drift([await state()], ["--format", "json"]);
    expect(json.stdout).not.toMatch(/(?![\n ])[\p{C}\p{Z}]/u);
    const { findings } = reportIn(json);
    expect(findings.map(({ name }) => name)).toEqual([`${hostile}2`, "`".repeat(70_000), hostile, hostile]);
    expect(JSON.parse(nameIn(findings[2]?.remedies[0]?.code))).toBe(hostile);
  });

  test("is code in Markdown: it is no HTML and no mention, and ends no cell", async () => {
    const { stdout } = await fixture.drift([await state()], ["--format", "markdown"]);
    expect(stdout.length).toBeLessThan(65_536);
    for (const row of stdout.split("\n").filter((line) => /^\| (account|credential)/.test(line))) {
      // GitHub splits the cells of a table before it looks for code in them.
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      expect(cells).toHaveLength(3);
      const left = cells.map((cell) =>
        cell.replaceAll("\\|", "|").replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, "CODE"),
      );
      expect(left.join(" ").replaceAll("<br>", " ")).not.toMatch(/[<@#`|[]|http/);
    }
    // The copied line has the same meaning: `\|` would not be an escape in TypeScript.
    const [line] = stdout.split("\n").filter((one) => one.includes("`new keycard.ServiceAccount("));
    expect(nameIn(line)).not.toContain("|");
    expect(JSON.parse(nameIn(line))).toBe(hostile);
    expect(stdout).toContain("the line is too long for this comment, see `--format json`");
  });
});

test("ignores fields of a response that Keycard's API does not have", async () => {
  const account = {
    id: "a",
    name: "a",
    created_at: "when?",
    updated_at: "",
    account: { id: 1 },
    client_id: "x",
    __proto__: { kind: "x" },
  };
  const env = await fixture.proxied(async ({ path }, act) =>
    path.includes("/service-accounts?")
      ? { status: 200, body: { items: [account], page_info: { has_next_page: false, has_prev_page: false } } }
      : act(),
  );
  const args = ["--organization", "acme", "--stale", "1h"];
  const { stdout } = await fixture.drift([fixture.state()], args, { env });
  expect(stdout).toContain("  account a  a  created when?\n");
});
