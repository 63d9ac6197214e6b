import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { Process } from "../support/command";
import { signsIn } from "../engine/keycard";
import { run, startPrinting, startReady } from "../support/command";

const { version } = JSON.parse(readFileSync(require.resolve("pulumi-keycard/package.json"), "utf8"));

const stop = async (child: Process, signal: NodeJS.Signals) => {
  const rest = text(child.stdout);
  child.kill(signal);
  const [code, by] = await once(child, "exit");
  return { code, by, rest: await rest };
};

describe("pulumi-keycard emulator", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "prints one line of JSON and nothing else, serves, and stops cleanly on %s",
    async (signal) => {
      const { child, chunk, details } = await startReady("--port", "0");
      expect(chunk).toMatch(/^\{.*\}\n$/);
      expect(Object.keys(details)).toEqual([
        "endpoint",
        "organizationId",
        "organizationLabel",
        "clientId",
        "clientSecret",
        "apiKey",
      ]);
      const response = await fetch(
        `${details.endpoint}/organizations/${details.organizationLabel}/service-accounts`,
        { headers: { Authorization: `Bearer ${details.apiKey}` } },
      );
      expect(response.status).toBe(200);
      expect(await stop(child, signal)).toEqual({ code: 0, by: null, rest: "" });
    },
  );

  it("prints the commands that configure a stack, with --print config", async () => {
    const { child, chunk } = await startPrinting("--port", "0", "--print", "config");
    const lines = chunk.trim().split("\n");
    expect(lines.map((line) => line.replace(/ \S+$/, ""))).toEqual([
      "pulumi config set keycard:endpoint",
      "pulumi config set keycard:organizationId",
      "pulumi config set keycard:clientId",
      "pulumi config set --secret keycard:clientSecret",
    ]);
    const [endpoint = "", , clientId = "", clientSecret = ""] = lines.map(
      (line) => line.split(" ").at(-1) ?? "",
    );
    expect(await signsIn(endpoint, { clientId, clientSecret })).toBe(true);
    await stop(child, "SIGTERM");
  });

  it("prints only its address on standard error: no secret, and no warning when many calls wait", async () => {
    const { child, details } = await startReady("--port", "0");
    const said = text(child.stderr);
    const form = { grant_type: "client_credentials", client_id: details.clientId };
    const { status } = await fetch(`${details.endpoint}/_emulator/faults`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ operation: "token", delayMs: 200, times: 12 }),
    });
    expect(status).toBe(204);
    const secrets = Array.from({ length: 12 }, (_, index) => `${details.clientSecret}${index || ""}`);
    const signIns = secrets.map((client_secret) => {
      const body = new URLSearchParams({ ...form, client_secret });
      return fetch(`${details.endpoint}/service-account-token`, { method: "POST", body });
    });
    const statuses = (await Promise.all(signIns)).map(({ status }) => status);
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 401)]);
    await stop(child, "SIGTERM");
    expect(await said).toBe(`Keycard emulator on ${details.endpoint}; Ctrl-C stops it.\n`);
  });

  it("issues tokens with the given lifetime", async () => {
    const { details } = await startReady("--port", "0", "--token-lifetime", "7");
    const response = await fetch(`${details.endpoint}/service-account-token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: details.clientId,
        client_secret: details.clientSecret,
      }),
    });
    expect(await response.json()).toMatchObject({ expires_in: 7 });
  });

  it("fails with a message if it cannot use its file", async () => {
    const file = require.resolve("pulumi-keycard/package.json");
    expect(await run("emulator", "--port", "0", "--data", file)).toEqual({
      stdout: "",
      stderr: expect.stringMatching(
        /^error: The emulator cannot start: .*package.json is left as it is, .*\n$/,
      ),
      code: 1,
    });
  });

  it("fails with a message if the port is in use", async () => {
    const { port } = await startReady("--port", "0");
    expect(await run("emulator", "--port", String(port))).toEqual({
      stdout: "",
      stderr: `error: Port ${port} is in use; choose another with --port, or 0 for a free one.\n`,
      code: 1,
    });
  });

  it.each([
    ["--port", "many", "It must be a whole number from 0 to 65535."],
    ["--port", "65536", "It must be a whole number from 0 to 65535."],
    ["--port", "-1", "It must be a whole number from 0 to 65535."],
    ["--port", "", "It must be a whole number from 0 to 65535."],
    ["--token-lifetime", "1.5", "It must be a whole number from 0 to 1000000000."],
  ])("refuses %s '%s'", async (option, value, message) => {
    const { stdout, stderr, code } = await run("emulator", option, value);
    expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
    expect(stderr).toContain(`option '${option} <`);
    expect(stderr).toContain(message);
  });
});

describe("pulumi-keycard", () => {
  it("prints its version", async () => {
    expect(await run("--version")).toEqual({ stdout: `${version}\n`, stderr: "", code: 0 });
  });

  it.each([["--help"], ["emulator", "--help"]])("helps", async (...args) => {
    const { stdout, code } = await run(...args);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: pulumi-keycard");
  });

  it.each([[[]], [["nothing"]], [["emulator", "--nothing"]], [["emulator", "nothing"]]])(
    "explains itself when called with %j",
    async (args: string[]) => {
      const { stdout, stderr, code } = await run(...args);
      expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
      expect(stderr).toMatch(/error: |Usage: /);
    },
  );
});
