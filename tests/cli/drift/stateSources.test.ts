/** Where `pulumi-keycard drift` reads states and settings from, and its errors if they are unusable. */
import { chmodSync, readFileSync } from "node:fs";
import path from "node:path";
import { startEmulator } from "pulumi-keycard/emulator";
import { ended } from "../../support/command";
import type { RunOptions } from "../../support/command";
import { CommandFixture } from "../../support/commandFixture";
import type { State } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();
let state: State;
beforeEach(async () => {
  state = fixture.state().account("deployer", await fixture.account("deployer"));
});

const noDrift = (which: string) => ({
  stdout: `No drift: 1 account and 0 credentials of acme compared with ${which}.\n`,
  stderr: "",
  code: 0,
});

/** Creates a command `pulumi` that runs a script with these values. Returns the variables that put it alone on the PATH. */
function installPulumi(script: string, values: object): { PATH: string } {
  const constants = Object.entries(values).map(
    ([name, value]) => `const ${name} = ${JSON.stringify(value)};`,
  );
  const file = fixture.file([`#!${process.execPath}`, ...constants, script].join("\n"), "pulumi");
  chmodSync(file, 0o755);
  return { PATH: path.dirname(file) };
}

/** Creates a command `pulumi` that knows these stacks. Returns the variables to use only their configuration. */
function pulumi(stacks: Record<string, { state: string; config: object; locked?: true }>): { PATH: string } {
  return installPulumi(
    `const args = process.argv.slice(2);
    require("node:fs").appendFileSync(log, args.join(" ") + "\\n");
    const stack = stacks[args.includes("--stack") ? args[args.indexOf("--stack") + 1] : "current"];
    if (!stack) { console.error("error: no stack named \\x1b[31mthat\\x1b[0m found"); process.exit(6); }
    const shows = args.includes("--show-secrets");
    if (shows && stack.locked) { console.error("error: passphrase must be set"); process.exit(1); }
    const hidden = (key, one) => (one?.secret && !shows ? { secret: true } : one);
    console.log(args[0] === "config" ? JSON.stringify(stack.config, hidden) : stack.state);`,
    { log: fixture.pathOf("calls"), stacks },
  );
}

/** Returns the arguments of all calls of `pulumi`. */
const calls = () => readFileSync(fixture.pathOf("calls"), "utf8").trim().split("\n").sort();

function configured({ endpoint, clientId, clientSecret, organizationId } = fixture.emulator) {
  return {
    "keycard:endpoint": { value: endpoint, secret: false },
    "keycard:clientId": { value: clientId, secret: false },
    "keycard:clientSecret": { value: clientSecret, secret: true },
    "keycard:organizationId": { value: organizationId, secret: false },
    "other:setting": { value: "x", secret: false },
  };
}

/** Runs the command on stacks. */
function onStacks(env: NonNullable<RunOptions["env"]>, ...names: string[]) {
  const args = names.flatMap((name) => ["--stack", name]);
  return fixture.drift([], args, { env });
}

describe("--state", () => {
  test("reads standard input for -, but only once", async () => {
    const input = fixture.file(state);
    expect(await fixture.drift([], ["--state", "-"], { input })).toEqual(noDrift("stack dev"));
    const message =
      "error: Standard input can be read only once. Pass --state - once, and files for the other states.\n";
    expect(await fixture.drift([], ["--state", "-", "--state", "-"], { input })).toEqual(ended(2, message));
  });

  test("compares an empty state with the organization that is configured or passed", async () => {
    const empty = fixture.file('{"version":3,"deployment":{"manifest":{}}}', "empty.json");
    const message =
      "error: No organization to read: none is named in plain text in the settings or in empty.json. Pass --organization ID, or set KEYCARD_ORGANIZATION_ID.\n";
    expect(await fixture.drift([], ["--state", empty])).toEqual(ended(2, message));
    const env = fixture.env({ KEYCARD_ORGANIZATION_ID: fixture.emulator.organizationLabel });
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

  const noState = (reason: string) =>
    `is not the output of \`pulumi stack export\`: ${reason}. Create it with \`pulumi stack export --file state.json\`.`;
  const incomplete = noState("it has no version or no deployment");
  const wrongVersion = (version: number, advice: string) =>
    `has version ${version} of Pulumi's format. This command reads versions 3 and 4. ${advice}`;
  test.each([
    ["", noState("it is empty")],
    ["resources: []", noState("it is not JSON")],
    ["null", incomplete],
    ['{"version":4,"terraform_version":"1.9.0","resources":[]}', incomplete],
    ['{"version":3,"checkpoint":{"stack":"dev"}}', noState("it is Pulumi's internal checkpoint file")],
    ['{"version":3,"deployment":{"resources":{}}}', noState("/deployment/resources must be array")],
    [
      '{"version":3,"deployment":{"resources":[{"urn":"x","type":"y"}]}}',
      noState('/deployment/resources/0/urn must match pattern "^urn:pulumi:.+::.+::.+::"'),
    ],
    ['{"version":2,"deployment":{}}', wrongVersion(2, "Upgrade the Pulumi CLI.")],
    ['{"version":5,"deployment":{}}', wrongVersion(5, "Upgrade pulumi-keycard.")],
  ])("exits with 2 for a file that is not an exported state: '%s'", async (content, reason) => {
    const file = fixture.file(content, "state.json");
    expect(await fixture.drift([], ["--state", file])).toEqual(ended(2, `error: state.json ${reason}\n`));
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
    const empty = '{"version":3,"deployment":{}}';
    const env = pulumi({
      current: { state: state.text, config: configured() },
      "acme/shop/prod": { state: empty, config: configured(other) },
    });
    expect(await onStacks(env)).toEqual(noDrift("stack dev"));
    expect(calls()).toEqual([
      "config --json --open --non-interactive --color never",
      "config --json --show-secrets --non-interactive --color never",
      "stack export --non-interactive --color never",
    ]);
    const both = { env: fixture.env(env) };
    const { compared } = await fixture.report([state], ["--stack", "acme/shop/prod"], both);
    expect(compared).toEqual({
      stacks: [
        { source: "dev.json", stack: "dev", project: "shop", resources: 1 },
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
    const env = pulumi({ dev: { state: state.text, config: {} } });
    expect(await onStacks(fixture.env(env), "dev")).toEqual(noDrift("stack dev"));
    const message = /^error: To sign in to Keycard, Pulumi needs a client ID .*\n$/;
    expect(await onStacks(env, "dev")).toEqual(ended(2, message));
  });

  test("is named by the error about a missing setting or a rejected secret, if there are several", async () => {
    const config = configured();
    const rejected = { ...config, "keycard:clientSecret": { value: "wrong", secret: true } };
    const other = fixture
      .state("prod")
      .account("other", await fixture.account("other"), { organizationId: "emulator" });
    const env = pulumi({
      "acme/shop/dev": { state: state.text, config },
      "acme/pay/dev": { state: fixture.state("pay").text, config: {} },
      "acme/shop/prod": { state: other.text, config: rejected },
    });
    const message = /^error: stack acme\/pay\/dev: To sign in to Keycard, Pulumi needs a client ID/;
    expect(await onStacks(env, "acme/shop/dev", "acme/pay/dev")).toEqual(ended(2, message));
    const result = await onStacks(env, "acme/shop/dev", "acme/shop/prod");
    expect(result).toEqual(ended(3, /^error: stack acme\/shop\/prod: POST \/service-account-token failed/));
    expect(result.stderr).toContain(
      "Check keycard:clientId and keycard:clientSecret in the stack's configuration, or",
    );
  });

  test("needs no passphrase if no keycard setting is secret", async () => {
    const config = { "other:password": { value: "x", secret: true } };
    const env = pulumi({ dev: { state: state.text, config, locked: true } });
    expect(await onStacks(fixture.env(env), "dev")).toEqual(noDrift("stack dev"));
  });

  test("is required to use a stack's configuration: --state alone needs the environment", async () => {
    const env = fixture.env({ KEYCARD_CLIENT_SECRET: "" });
    const message =
      "error: Set KEYCARD_CLIENT_SECRET in the environment: without --stack, the command reads its settings only from there. To use a stack's configuration, pass --stack NAME.\n";
    expect(await fixture.drift([state], [], { env })).toEqual(ended(2, message));
  });

  test("prints the error of the command pulumi if it fails", async () => {
    const env = pulumi({ locked: { state: state.text, config: configured(), locked: true } });
    expect(await onStacks(env, "none")).toEqual(
      ended(2, /failed:\nerror: no stack named \\u\{1b\}\[31mthat\\u\{1b\}\[0m found/),
    );
    const message =
      "error: `pulumi config --json --show-secrets --stack locked` failed:\nerror: passphrase must be set\n" +
      "To use environment variables instead of the stack's configuration, pipe the state to the same command with `--state -`, for example `pulumi stack export | npx pulumi-keycard drift --state -`.\n";
    expect(await onStacks(env, "locked")).toEqual(ended(1, message));
    expect(await onStacks({ PATH: "/nowhere" })).toEqual(
      ended(1, /error: The command `pulumi` is not on the PATH\. Install it/),
    );
  });
});

describe("a command pulumi that misbehaves", () => {
  /** Runs the command with a `pulumi` that exports the state, and runs this script for the configuration. */
  function configuring(script: string) {
    const whole = `if (process.argv[2] === "stack") console.log(state);\nelse ${script}`;
    return onStacks(fixture.env(installPulumi(whole, { state: state.text })), "dev");
  }

  test("and fails without an error message has its output hidden, which may contain secrets", async () => {
    const print = `require("node:fs").writeSync(1, '{"keycard:clientSecret":{"value":"hunter2"}}');`;
    const killed = await configuring(`{ ${print} process.kill(process.pid, "SIGKILL"); }`);
    expect(killed).toEqual(ended(1, /failed:\nIt ended with signal SIGKILL and printed no error\.\n/));
    const failed = await configuring(`{ ${print} process.exit(255); }`);
    expect(failed).toEqual(ended(1, /failed:\nIt ended with exit code 255 and printed no error\.\n/));
    expect(JSON.stringify([killed, failed])).not.toContain("hunter2");
  });

  const noObject = /is not a stack configuration: it is not a JSON object\. Check that/;
  const noString = /keycard:endpoint in the stack's configuration is not a string/;
  test.each([
    ["null", noObject],
    ['{"keycard:clientSecret":{"value":"hunter2"', noObject],
    ['{"keycard:endpoint":null}', noString],
    ['{"keycard:endpoint":{"value":{"hunter2":1}}}', noString],
  ])("and prints no configuration is an error: %s", async (config, reason) => {
    const result = await configuring(`console.log(${JSON.stringify(config)})`);
    expect(result).toEqual(ended(1, reason));
    expect(result.stderr).not.toContain("hunter2");
  });
});
