/** Where `pulumi-keycard drift` reads states and settings from, and its errors if they are unusable. */
import { chmodSync, readFileSync } from "node:fs";
import path from "node:path";
import { startEmulator } from "pulumi-keycard/emulator";
import { expectValid } from "../../support/driftSchema";
import { DriftFixture } from "../../support/driftFixture";
import type { State } from "../../support/driftFixture";

const fixture = DriftFixture.forEachTest();
let state: State;
beforeEach(async () => {
  state = fixture.state().account("deployer", await fixture.account("deployer"));
});

const noDrift = (which: string) => ({
  stdout: `No drift: 1 account and 0 credentials of acme compared with ${which}.\n`,
  stderr: "",
  code: 0,
});

/** Creates a command `pulumi` that knows these stacks and logs its calls. */
function pulumi(stacks: Record<string, { state: string; config: object; locked?: true }>): {
  env: Record<string, string>;
  calls(): string[];
} {
  const log = fixture.file("", "calls");
  const script = `#!${process.execPath}
    const { appendFileSync } = require("node:fs");
    const args = process.argv.slice(2);
    appendFileSync(${JSON.stringify(log)}, args.join(" ") + "\\n");
    const stack = ${JSON.stringify(stacks)}[args.includes("--stack") ? args[args.indexOf("--stack") + 1] : "current"];
    if (!stack) { console.error("error: no stack named \\x1b[31mthat\\x1b[0m found"); process.exit(6); }
    const shows = args.includes("--show-secrets");
    if (shows && stack.locked) { console.error("error: passphrase must be set"); process.exit(1); }
    const hidden = (key, one) => (one?.secret && !shows ? { secret: true } : one);
    console.log(args[0] === "config" ? JSON.stringify(stack.config, hidden) : stack.state);
  `;
  const file = fixture.file(script, "pulumi");
  chmodSync(file, 0o755);
  return {
    env: { PATH: path.dirname(file) },
    calls: () => readFileSync(log, "utf8").trim().split("\n").sort(),
  };
}

function configured({ endpoint, clientId, clientSecret, organizationId }: DriftFixture["emulator"]) {
  return {
    "keycard:endpoint": { value: endpoint, secret: false },
    "keycard:clientId": { value: clientId, secret: false },
    "keycard:clientSecret": { value: clientSecret, secret: true },
    "keycard:organizationId": { value: organizationId, secret: false },
    "other:setting": { value: "x", secret: false },
  };
}

describe("--state", () => {
  test("reads standard input for -, but only once", async () => {
    const input = fixture.file(state);
    expect(await fixture.drift([], ["--state", "-"], { input })).toEqual(noDrift("stack dev"));
    expect(await fixture.drift([], ["--state", "-", "--state", "-"], { input })).toEqual({
      stdout: "",
      stderr:
        "error: Standard input can be read only once. Pass --state - once, and files for the other states.\n",
      code: 2,
    });
  });

  test("compares an empty state with the organization that is configured or passed", async () => {
    const empty = fixture.file('{"version":3,"deployment":{"manifest":{}}}', "empty.json");
    expect(await fixture.drift([], ["--state", empty])).toEqual({
      stdout: "",
      stderr:
        "error: No organization to read: none is named in plain text in the settings or in empty.json. Pass --organization ID, or set KEYCARD_ORGANIZATION_ID.\n",
      code: 2,
    });
    const env = { ...fixture.env(), KEYCARD_ORGANIZATION_ID: fixture.emulator.organizationLabel };
    for (const named of [
      await fixture.drift([], ["--state", empty], { env }),
      await fixture.drift([], ["--state", empty, "--organization", "emulator"]),
    ]) {
      expect(named.stdout).toContain(
        "1 finding (1 unmanaged-account): 1 account and 0 credentials of emulator compared with empty.json.",
      );
      expect(named.code).toBe(7);
    }
  });

  test("reads versions 3 and 4, ignores a byte-order mark, and compares equal states once", async () => {
    const text = state.text.replace('"version":3', '"version":4,"features":["x"]');
    const [file, marked] = [fixture.file(text), fixture.file(`\ufeff${text}`)];
    expect(await fixture.drift([], ["--state", marked, "--state", file, "--state", marked])).toEqual(
      noDrift("stack dev"),
    );
  });

  test.each([
    ["an empty file", "", "it is empty"],
    ["YAML", "resources: []", "it is not JSON"],
    ["null", "null", "it has no version or no deployment"],
    [
      "a Terraform state",
      '{"version":4,"terraform_version":"1.9.0","resources":[]}',
      "it has no version or no deployment",
    ],
    [
      "Pulumi's checkpoint",
      '{"version":3,"checkpoint":{"stack":"dev"}}',
      "it is Pulumi's internal checkpoint file",
    ],
    ["a wrong type", '{"version":3,"deployment":{"resources":{}}}', "/deployment/resources must be array"],
    [
      "a broken resource",
      '{"version":3,"deployment":{"resources":[{"urn":"x","type":"y"}]}}',
      '/deployment/resources/0/urn must match pattern "^urn:pulumi:.+::.+::.+::"',
    ],
  ])("exits with 2 for a file that is not an exported state: %s", async (_what, content, reason) => {
    expect(await fixture.drift([], ["--state", fixture.file(content, "state.json")])).toEqual({
      stdout: "",
      stderr: `error: state.json is not the output of \`pulumi stack export\`: ${reason}. Create it with \`pulumi stack export --file state.json\`.\n`,
      code: 2,
    });
  });

  test.each([
    [2, "Upgrade the Pulumi CLI."],
    [5, "Upgrade pulumi-keycard."],
  ])("exits with 2 for a state of version %i", async (version, advice) => {
    const state = fixture.file(`{"version":${version},"deployment":{}}`, "state.json");
    expect(await fixture.drift([], ["--state", state])).toEqual({
      stdout: "",
      stderr: `error: state.json has version ${version} of Pulumi's format. This command reads versions 3 and 4. ${advice}\n`,
      code: 2,
    });
  });

  test("exits with 2 for a missing file", async () => {
    const { stderr, code } = await fixture.drift([], ["--state", "no\u001b[31mne.json"]);
    expect(stderr).toContain("error: Cannot read no\\u{1b}[31mne.json: ENOENT");
    expect(stderr).not.toContain("\u001b");
    expect(code).toBe(2);
  });
});

describe("--stack", () => {
  test("exports each stack by the command pulumi, and signs in by its configuration", async () => {
    const other = await startEmulator();
    const empty = JSON.stringify({ version: 3, deployment: {} });
    const { env, calls } = pulumi({
      current: { state: state.text, config: configured(fixture.emulator) },
      "acme/shop/prod": { state: empty, config: configured(other) },
    });
    expect(await fixture.drift([], [], { env })).toEqual(noDrift("stack dev"));
    expect(calls()).toEqual([
      "config --json --open --non-interactive --color never",
      "config --json --show-secrets --non-interactive --color never",
      "stack export --non-interactive --color never",
    ]);
    const { stdout } = await fixture.drift(
      [],
      ["--stack", "acme/shop/prod", "--state", fixture.file(state), "--format", "json"],
      { env: { ...fixture.env(), ...env } },
    );
    expect(expectValid(stdout).compared).toEqual({
      stacks: [
        { source: "1.json", stack: "dev", project: "shop", resources: 1 },
        { source: "stack acme/shop/prod", stack: "acme/shop/prod", resources: 0 },
      ],
      organizations: ["acme", other.organizationId],
      accounts: 1,
      credentials: 0,
    });
    expect(calls()).toContain("stack export --stack acme/shop/prod --non-interactive --color never");
    await other.close();
  });

  test("signs in by the environment if the stack has no settings", async () => {
    const { env } = pulumi({ dev: { state: state.text, config: {} } });
    expect(await fixture.drift([], ["--stack", "dev"], { env: { ...fixture.env(), ...env } })).toEqual(
      noDrift("stack dev"),
    );
    const { stderr, code } = await fixture.drift([], ["--stack", "dev"], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: To sign in to Keycard, Pulumi needs a client ID .*\n$/);
  });

  test("is named by the error about a missing setting, if there are several", async () => {
    const config = configured(fixture.emulator);
    const { env } = pulumi({
      "acme/shop/dev": { state: state.text, config },
      "acme/pay/dev": { state: fixture.state("pay").text, config: {} },
    });
    const stacks = ["--stack", "acme/shop/dev", "--stack", "acme/pay/dev"];
    const { stderr, code } = await fixture.drift([], stacks, { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: stack acme\/pay\/dev: To sign in to Keycard, Pulumi needs a client ID/);
  });

  test("is named by the error about a rejected secret, if there are several", async () => {
    const config = configured(fixture.emulator);
    const wrong = { ...config, "keycard:clientSecret": { value: "wrong", secret: true } };
    const other = fixture
      .state("prod")
      .account("other", await fixture.account("other"), { organizationId: "emulator" });
    const { env } = pulumi({
      "acme/shop/dev": { state: state.text, config },
      "acme/shop/prod": { state: other.text, config: wrong },
    });
    const stacks = ["--stack", "acme/shop/dev", "--stack", "acme/shop/prod"];
    const { stderr, code } = await fixture.drift([], stacks, { env });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: stack acme\/shop\/prod: POST \/service-account-token failed/);
    expect(stderr).toContain(
      "Check keycard:clientId and keycard:clientSecret in the stack's configuration, or",
    );
  });

  test("needs no passphrase if no keycard setting is secret", async () => {
    const config = { "other:password": { value: "x", secret: true } };
    const { env } = pulumi({ dev: { state: state.text, config, locked: true } });
    expect(await fixture.drift([], ["--stack", "dev"], { env: { ...fixture.env(), ...env } })).toEqual(
      noDrift("stack dev"),
    );
  });

  test("is required to use a stack's configuration: --state alone needs the environment", async () => {
    const env = { ...fixture.env(), KEYCARD_CLIENT_SECRET: "" };
    expect(await fixture.drift([], ["--state", fixture.file(state)], { env })).toEqual({
      stdout: "",
      stderr:
        "error: Set KEYCARD_CLIENT_SECRET in the environment: without --stack, the command reads its settings only from there. To use a stack's configuration, pass --stack NAME.\n",
      code: 2,
    });
  });

  test("prints the error of the command pulumi if it fails", async () => {
    const { env } = pulumi({
      locked: { state: state.text, config: configured(fixture.emulator), locked: true },
    });
    expect(await fixture.drift([], ["--stack", "none"], { env })).toMatchObject({
      stderr: expect.stringContaining("failed:\nerror: no stack named \\u{1b}[31mthat\\u{1b}[0m found"),
      code: 2,
    });
    expect(await fixture.drift([], ["--stack", "locked"], { env })).toEqual({
      stdout: "",
      stderr:
        "error: `pulumi config --json --show-secrets --stack locked` failed:\nerror: passphrase must be set\n" +
        "To use environment variables instead of the stack's configuration, pipe the state to the same command with `--state -`, for example `pulumi stack export | npx pulumi-keycard drift --state -`.\n",
      code: 1,
    });
    expect(await fixture.drift([], [], { env: { PATH: "/nowhere" } })).toMatchObject({
      stderr: expect.stringContaining("error: The command `pulumi` is not on the PATH. Install it"),
      code: 1,
    });
  });
});

describe("a command pulumi that misbehaves", () => {
  /** Runs the command with a `pulumi` that exports the state, and runs this script for the configuration. */
  function configuring(script: string) {
    const file = fixture.file(
      `#!${process.execPath}\nif (process.argv[2] === "stack") console.log(${JSON.stringify(state.text)});\nelse ${script}`,
      "pulumi",
    );
    chmodSync(file, 0o755);
    return fixture.drift([], ["--stack", "dev"], { env: { ...fixture.env(), PATH: path.dirname(file) } });
  }

  test("and fails without an error message has its output hidden, which may contain secrets", async () => {
    const print = `require("node:fs").writeSync(1, '{"keycard:clientSecret":{"value":"hunter2"}}');`;
    const killed = await configuring(`{ ${print} process.kill(process.pid, "SIGKILL"); }`);
    expect(killed).toMatchObject({
      stderr: expect.stringContaining("failed:\nIt ended with signal SIGKILL and printed no error.\n"),
      code: 1,
    });
    const failed = await configuring(`{ ${print} process.exit(255); }`);
    expect(failed).toMatchObject({
      stderr: expect.stringContaining("failed:\nIt ended with exit code 255 and printed no error.\n"),
      code: 1,
    });
    expect(JSON.stringify([killed, failed])).not.toContain("hunter2");
  });

  test.each([
    ["null", "is not a stack configuration: it is not a JSON object. Check that"],
    [
      '{"keycard:clientSecret":{"value":"hunter2"',
      "is not a stack configuration: it is not a JSON object. Check that",
    ],
    ['{"keycard:endpoint":null}', "keycard:endpoint in the stack's configuration is not a string"],
    [
      '{"keycard:endpoint":{"value":{"hunter2":1}}}',
      "keycard:endpoint in the stack's configuration is not a string",
    ],
  ])("and prints no configuration is an error: %s", async (config, reason) => {
    const { stdout, stderr, code } = await configuring(`console.log(${JSON.stringify(config)})`);
    expect({ stdout, code }).toEqual({ stdout: "", code: 1 });
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("hunter2");
  });
});
