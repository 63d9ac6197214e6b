import { once } from "node:events";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { Process } from "../support/command";
import { signsIn } from "../engine/keycard";
import { addFault } from "../support/client";
import { callerOf, requestToken } from "../support/emulatorCalls";
import { ended, runIn, startPrinting, startReady } from "../support/command";

const { version } = JSON.parse(readFileSync(require.resolve("pulumi-keycard/package.json"), "utf8"));

const run = (...args: string[]) => runIn({}, ...args);

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
      const { child, chunk, details } = await startReady();
      expect(chunk).toMatch(/^\{.*\}\n$/);
      expect(Object.keys(details)).toEqual([
        "endpoint",
        "organizationId",
        "organizationLabel",
        "clientId",
        "clientSecret",
        "apiKey",
      ]);
      const list = `/organizations/${details.organizationLabel}/service-accounts`;
      expect(await callerOf(details)("GET", list)).toMatchObject({ status: 200 });
      expect(await stop(child, signal)).toEqual({ code: 0, by: null, rest: "" });
    },
  );

  it("prints the commands that configure a stack, with --print config", async () => {
    const { child, chunk } = await startPrinting("--print", "config");
    const lines = chunk.trim().split("\n");
    expect(lines.map((line) => line.replace(/ \S+$/, ""))).toEqual([
      "pulumi config set keycard:endpoint",
      "pulumi config set keycard:organizationId",
      "pulumi config set keycard:clientId",
      "pulumi config set --secret keycard:clientSecret",
    ]);
    const values = lines.map((line) => line.split(" ").at(-1) ?? "");
    const [endpoint = "", , clientId = "", clientSecret = ""] = values;
    expect(await signsIn(endpoint, { clientId, clientSecret })).toBe(true);
    await stop(child, "SIGTERM");
  });

  it("prints only its address on standard error: no secret, and no warning when many calls wait", async () => {
    const { child, details } = await startReady();
    const said = text(child.stderr);
    const form = { grant_type: "client_credentials", client_id: details.clientId };
    await addFault(details, { operation: "token", delayMs: 200, times: 12 });
    const secrets = Array.from({ length: 12 }, (_, index) => `${details.clientSecret}${index || ""}`);
    const signIns = secrets.map((client_secret) => requestToken(details, { ...form, client_secret }));
    const statuses = (await Promise.all(signIns)).map(({ status }) => status);
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 401)]);
    await stop(child, "SIGTERM");
    expect(await said).toBe(`Keycard emulator on ${details.endpoint}; Ctrl-C stops it.\n`);
  });

  it("issues tokens with the given lifetime", async () => {
    const { details } = await startReady("--token-lifetime", "7");
    const { clientId: client_id, clientSecret: client_secret } = details;
    const form = { grant_type: "client_credentials", client_id, client_secret };
    expect((await requestToken(details, form)).body).toMatchObject({ expires_in: 7 });
  });

  it("fails with a message if it cannot use its file", async () => {
    const file = require.resolve("pulumi-keycard/package.json");
    const message = /^error: The emulator cannot start: .*package.json is left as it is, .*\n$/;
    expect(await run("emulator", "--port", "0", "--data", file)).toEqual(ended(1, message));
  });

  it("fails with a message if the port is in use", async () => {
    const { port } = new URL((await startReady()).details.endpoint);
    const message = `error: Port ${port} is in use; choose another with --port, or 0 for a free one.\n`;
    expect(await run("emulator", "--port", port)).toEqual(ended(1, message));
  });

  const port = "It must be a whole number from 0 to 65535.";
  it.each([
    ["--port", "many", port],
    ["--port", "65536", port],
    ["--port", "-1", port],
    ["--port", "", port],
    ["--token-lifetime", "1.5", "It must be a whole number from 0 to 1000000000."],
  ])("refuses %s '%s'", async (option, value, message) => {
    const result = await run("emulator", option, value);
    expect(result).toEqual(ended(2, new RegExp(`option '${option} <`)));
    expect(result.stderr).toContain(message);
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
      expect(await run(...args)).toEqual(ended(2, /error: |Usage: /));
    },
  );
});
