/** How `pulumi-keycard drift` ends where something goes wrong, and how it writes what it tells. */
import { addFault } from "../support/client";
import { runIn } from "./command";
import { State, World } from "./driftWorld";

let world: World;
let state: State;
beforeEach(async () => {
  world = await World.open();
  const { id, name } = await world.account("deployer");
  state = new State().has("ServiceAccount", "deployer", id, { name, organizationId: world.organizationId });
});
afterEach(() => world.close());

describe("what goes wrong", () => {
  const file = () => world.file(state);

  test("signing in and permissions are told apart from the rest by 3", async () => {
    const { stderr, code } = await world.drift([], ["--state", file()], {
      env: { ...world.env(), KEYCARD_CLIENT_SECRET: "wrong" },
    });
    expect(code).toBe(3);
    expect(stderr).toContain(
      "Check keycard:clientId and keycard:clientSecret of the stack, or KEYCARD_CLIENT_ID",
    );
    await addFault(world.emulator, { operation: "listServiceAccounts", status: 403 });
    expect(await world.drift([], ["--state", file()])).toMatchObject({
      stderr: expect.stringContaining("The credential that this signs in with may not read"),
      code: 3,
    });
  });

  test("an organization that does not answer makes nothing missing", async () => {
    const elsewhere = new State().has("ServiceAccount", "a", "a", {
      name: "a",
      organizationId: "ac\u001bme",
    });
    expect(await world.drift([], ["--state", world.file(elsewhere)])).toMatchObject({
      stdout: "",
      stderr: expect.stringContaining(
        "or hides it from these credentials, so nothing can be said of what is in it.",
      ),
      code: 2,
    });
  });

  test("credentials that are not to be seen, of an account that is there, make nothing missing", async () => {
    const account = {
      serviceAccountId: String(state.resources[0]?.id),
      organizationId: world.organizationId,
    };
    state.has("ServiceAccountCredential", "key", "key", { ...account, name: "key" });
    await addFault(world.emulator, { operation: "listCredentials", status: 404, times: 10 });
    expect(await world.drift([], ["--state", file()])).toEqual({
      stdout: "",
      stderr: expect.stringMatching(
        /^error: Keycard does not list the credentials of the account "deployer"/,
      ),
      code: 1,
    });
    // It was deleted while all this was read.
    await addFault(world.emulator, { operation: "retrieveServiceAccount", status: 404, times: 10 });
    const { stdout, code } = await world.drift([], ["--state", file()]);
    expect(stdout).toContain("2 findings (2 missing): 0 accounts and 0 credentials of acme");
    expect(code).toBe(7);
  });

  test("a server that fails, and one that is not there, are errors", async () => {
    await addFault(world.emulator, { operation: "listCredentials", status: 500, times: 10 });
    const failed = await world.drift([], ["--state", file()]);
    expect(failed).toMatchObject({ stdout: "", code: 1 });
    expect(failed.stderr).toMatch(/^error: GET .*\/credentials failed: .*500/);
    const endpoint = "http://127.0.0.1:9";
    expect(await world.drift([], ["--state", file()], { env: world.env(endpoint) })).toMatchObject({
      stdout: "",
      stderr: expect.stringContaining("Check the network and keycard:endpoint"),
      code: 1,
    });
  });

  test.each([
    [["--format", "xml"], "Allowed choices are text, json, markdown."],
    [["--stale", "90"], "It must be a whole number and h, d, w or y"],
    [["--stale", "0d"], "It must be a whole number and h, d, w or y"],
    [["--only", ""], "It is empty: is a variable unset?"],
    [["--ignore", "", "--state", ""], "It is empty: is a variable unset?"],
    [["--organization", ""], "It is empty: is a variable unset?"],
    [["--stack", ""], "It is empty: is a variable unset?"],
    [["dev"], "too many arguments"],
    [["--fix"], "unknown option '--fix'"],
  ])("called with %j, it explains itself", async (args, told) => {
    const { stdout, stderr, code } = await world.drift([], args);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toContain(told);
  });
});

describe("at a terminal", () => {
  /** Lets both outputs pass for terminals. */
  const terminal = () => {
    const preload = world.file(
      "for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true, columns: 100 });",
      "terminal.cjs",
    );
    return { node: ["--require", preload] };
  };

  test("it shows how far it is on standard error, and tells in colours, unless that is not wanted", async () => {
    const file = world.file(
      new State().has("ServiceAccount", "x", "gone", { name: "x", organizationId: world.organizationId }),
    );
    const at = await world.drift([], ["--state", file], terminal());
    expect(at.stdout).toContain("\u001b[1mmissing (1)");
    expect(at.stderr).toContain("reading accounts");
    expect(at.stderr).toContain("reading credentials");
    const env = { ...world.env(), NO_COLOR: "1" };
    const plain = await world.drift([], ["--state", file], { ...terminal(), env });
    expect(plain.stdout).not.toContain("\u001b");
    expect(plain.stderr).toContain("reading accounts");
    const forced = await world.drift([], ["--state", file], { env: { ...world.env(), FORCE_COLOR: "1" } });
    expect(forced).toEqual({ ...at, stderr: "" });
  });
});

test.each(["drift", "adopt"])("a report that cannot be written is an error: %s", async (command) => {
  const script = world.file(
    `const { spawnSync } = require("node:child_process");
    const readOnly = require("node:fs").openSync(__filename, "r");
    process.exit(spawnSync(process.execPath, process.argv.slice(2), { stdio: ["ignore", readOnly, "inherit"] }).status);`,
    "readOnly.cjs",
  );
  const file = command === "drift" ? world.file(state) : world.file('{"version":3,"deployment":{}}');
  const args = [command, "--state", file, "--organization", world.organizationId];
  const { stderr, code } = await runIn({ env: world.env(), node: [script] }, ...args);
  expect({ stderr, code }).toEqual({
    stderr: expect.stringMatching(/^error: Standard output cannot be written: .*\n$/),
    code: 1,
  });
});

test("who reads it may stop in the middle", async () => {
  const script = world.file(
    `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, process.argv.slice(2), { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.destroy();
    child.on("exit", (code) => process.exit(code));`,
    "stop.cjs",
  );
  const other = world.file(
    new State().has("ServiceAccount", "x", "gone", { name: "x", organizationId: world.organizationId }),
  );
  const { stderr, code } = await runIn({ env: world.env(), node: [script] }, "drift", "--state", other);
  expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
});
