/** Exit codes of `pulumi-keycard drift` and its errors, and how it writes its output. */
import { addFault } from "../../support/client";
import { ended, runIn } from "../../support/command";
import { CommandFixture } from "../../support/commandFixture";
import type { State } from "../../support/commandFixture";

const fixture = CommandFixture.forEachTest();
let state: State;
beforeEach(async () => {
  state = fixture.state().account("deployer", await fixture.account("deployer"));
});

/** Returns a state with a resource whose account is deleted. */
const missing = () => fixture.state().has("ServiceAccount", "x", "deleted", fixture.named("x"));

describe("on an error", () => {
  test("exits with 3 when sign-in fails or a permission is missing", async () => {
    const env = fixture.env({ KEYCARD_CLIENT_SECRET: "wrong" });
    const message =
      /\nCheck KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: the credential or token may be wrong, revoked or expired\.\n/;
    expect(await fixture.drift([state], [], { env })).toEqual(ended(3, message));
    await addFault(fixture.emulator, { operation: "listServiceAccounts", status: 403 });
    expect(await fixture.drift([state])).toEqual(
      ended(
        3,
        /The credential that this command signs in with lacks a permission to list or retrieve accounts or credentials/,
      ),
    );
  });

  test("exits with 2 when an organization is not found, and reports nothing as missing", async () => {
    const inputs = { name: "a", organizationId: "ac\u001bme" };
    const elsewhere = fixture.state().has("ServiceAccount", "a", "a", inputs);
    const message =
      /or the credential that this command signs in with cannot access it\. Nothing was compared or written\./;
    expect(await fixture.drift([elsewhere])).toEqual(ended(2, message));
  });

  test("exits with 1 when the credentials of an existing account cannot be listed", async () => {
    const account = { serviceAccountId: String(state.resources[0]?.id) };
    state.has("ServiceAccountCredential", "key", "key", fixture.named("key", account));
    await addFault(fixture.emulator, { operation: "listCredentials", status: 404, times: 10 });
    const message = /^error: Keycard responds with 404 for the credentials of the account "deployer"/;
    expect(await fixture.drift([state])).toEqual(ended(1, message));
    // The account has been deleted since it was listed.
    await addFault(fixture.emulator, { operation: "retrieveServiceAccount", status: 404, times: 10 });
    const { stdout, code } = await fixture.drift([state]);
    expect(stdout).toContain("2 findings (2 missing): 0 accounts and 0 credentials of acme");
    expect(code).toBe(7);
  });

  test("exits with 1 when Keycard fails or cannot be reached", async () => {
    await addFault(fixture.emulator, { operation: "listCredentials", status: 500, times: 10 });
    expect(await fixture.drift([state])).toEqual(ended(1, /^error: GET .*\/credentials failed: .*500/));
    const env = fixture.env({ KEYCARD_ENDPOINT: "http://127.0.0.1:9" });
    const message = /\nCheck the network and KEYCARD_ENDPOINT in the environment\.\n/;
    expect(await fixture.drift([state], [], { env })).toEqual(ended(1, message));
  });

  test.each([
    [["--format", "xml"], "Allowed choices are text, json, markdown."],
    [["--stale", "90"], "It must be a whole number followed by h, d, w or y"],
    [["--stale", "0d"], "It must be a whole number followed by h, d, w or y"],
    [["--only", ""], "The value is empty. Is a variable unset?"],
    [["--ignore", "", "--state", ""], "The value is empty. Is a variable unset?"],
    [["--organization", ""], "The value is empty. Is a variable unset?"],
    [["--stack", ""], "The value is empty. Is a variable unset?"],
    [["dev"], "too many arguments"],
    [["--fix"], "unknown option '--fix'"],
  ])("exits with 2 on wrong usage: %j", async (args, message) => {
    const { stderr, ...others } = await fixture.drift([], args);
    expect(others).toEqual({ stdout: "", code: 2 });
    expect(stderr).toContain(message);
  });
});

test("at a terminal, shows progress on standard error and colors its report, unless NO_COLOR is set", async () => {
  // Makes the command take its outputs for terminals.
  const preload = fixture.file(
    "for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true, columns: 100 });",
    "terminal.cjs",
  );
  const node = ["--require", preload];
  const at = await fixture.drift([missing()], [], { node });
  expect(at.stdout).toContain("\u001b[1mmissing (1)");
  expect(at.stderr).toContain("reading accounts");
  expect(at.stderr).toContain("reading credentials");
  const plain = await fixture.drift([missing()], [], { node, env: fixture.env({ NO_COLOR: "1" }) });
  expect(plain.stdout).not.toContain("\u001b");
  expect(plain.stderr).toContain("reading accounts");
  const forced = await fixture.drift([missing()], [], { env: fixture.env({ FORCE_COLOR: "1" }) });
  expect(forced).toEqual({ ...at, stderr: "" });
});

test.each(["drift", "adopt"])("exits with 1 when the output cannot be written: %s", async (command) => {
  const script = fixture.file(
    `const { spawnSync } = require("node:child_process");
    const readOnly = require("node:fs").openSync(__filename, "r");
    process.exit(spawnSync(process.execPath, process.argv.slice(2), { stdio: ["ignore", readOnly, "inherit"] }).status);`,
    "readOnly.cjs",
  );
  const file = fixture.file(command === "drift" ? state : fixture.state());
  const args = [command, "--state", file, "--organization", fixture.organizationId];
  const { stderr, code } = await runIn({ env: fixture.env(), node: [script] }, ...args);
  expect(stderr).toMatch(/^error: Cannot write to standard output: .*\n$/);
  expect(code).toBe(1);
});

test("does not fail when the reader closes the pipe", async () => {
  const script = fixture.file(
    `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, process.argv.slice(2), { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.destroy();
    child.on("exit", (code) => process.exit(code));`,
    "stop.cjs",
  );
  const { stderr, code } = await fixture.drift([missing()], [], { node: [script] });
  expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
});
