import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Emulator, EmulatorOptions } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { addFault } from "../../support/client";
import { ACCOUNTS, callerOf, signIn } from "../../support/emulatorCalls";

interface Page {
  items: { id: string; name: string }[];
  page_info: { end_cursor?: string };
}

let folder: string;
let data: string;
let running: Emulator[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-"));
  data = join(folder, "data");
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map(({ close }) => close()));
  rmSync(folder, { recursive: true });
});

async function start(options: EmulatorOptions = { data }): Promise<Emulator> {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
}

/** Stops the emulator that runs, and starts another one with its data. */
async function restart(): Promise<Emulator> {
  await running.pop()?.close();
  return start();
}

const create = async (emulator: Emulator, name: string, path = ACCOUNTS) => {
  const { status, body } = await callerOf(emulator)<Record<string, string>>("POST", path, { body: { name } });
  expect(status).toBe(201);
  return body;
};
const page = async (emulator: Emulator, query = "") =>
  (await callerOf(emulator)<Page>("GET", ACCOUNTS + query)).body;
const names = async (emulator: Emulator, query = "") =>
  (await page(emulator, query)).items.map(({ name }) => name);
const tokenOf = async (emulator: Emulator) => String((await signIn(emulator)).body.access_token);
const lines = () => readFileSync(data, "utf8").split("\n").slice(0, -1);

describe("a restart", () => {
  it("continues with all that was created, changed and deleted", async () => {
    const first = await start();
    const call = callerOf(first);
    const [kept, deleted] = [await create(first, "kept"), await create(first, "deleted")];
    const inside = `${ACCOUNTS}/${kept.id}/credentials`;
    const [key, deletedKey] = [await create(first, "key", inside), await create(first, "deleted", inside)];
    const keyOfDeleted = await create(first, "deleted, too", `${ACCOUNTS}/${deleted.id}/credentials`);
    const change = { name: "renamed", description: "new" };
    await call("PATCH", `${ACCOUNTS}/${kept.id}`, { body: change });
    await call("PATCH", `${inside}/${key.id}`, { body: change });
    await call("PATCH", `${ACCOUNTS}/${kept.id}`, { body: { description: "" } });
    await call("DELETE", `${ACCOUNTS}/${deleted.id}`);
    await call("DELETE", `${inside}/${deletedKey.id}`);
    await signIn(first, key);
    const look = async (emulator: Emulator) =>
      Promise.all([page(emulator), callerOf(emulator)("GET", inside).then(({ body }) => body)]);
    const before = await look(first);
    for (let restarts = 1; restarts <= 2; restarts++) {
      const again = await restart();
      expect(await look(again)).toEqual(before);
      for (const gone of [deletedKey, keyOfDeleted]) expect((await signIn(again, gone)).status).toBe(401);
    }
    expect(before[1]).toMatchObject({ items: [{ ...change, last_used_at: expect.any(String) }] });
  });

  it("keeps the organization and all unexpired credentials, and issues another secret and API key", async () => {
    const first = await start();
    const token = await tokenOf(first);
    for (let restarts = 1; restarts <= 2; restarts++) {
      const again = await restart();
      for (const key of ["organizationId", "organizationLabel", "clientId"] as const)
        expect(again[key]).toBe(first[key]);
      for (const key of ["clientSecret", "apiKey"] as const) expect(again[key]).not.toBe(first[key]);
      for (const { clientId: client_id, clientSecret: client_secret } of [first, again])
        expect((await signIn(again, { client_id, client_secret })).status).toBe(200);
      for (const good of [first.apiKey, token])
        expect((await callerOf(again)("GET", ACCOUNTS, { token: good })).status).toBe(200);
    }
  });

  it("does not make an expired token valid", async () => {
    const first = await start({ data, tokenLifetime: 0 });
    const token = await tokenOf(first);
    expect((await callerOf(await restart())("GET", ACCOUNTS, { token })).status).toBe(401);
  });

  it("keeps cursors valid, even one whose item is deleted", async () => {
    const first = await start();
    for (const name of ["a", "b", "c"]) await create(first, name);
    const { items, page_info } = await page(first, "?limit=2");
    const all = await page(first);
    const last = all.page_info.end_cursor;
    for (const one of [items[0], all.items[2]])
      await callerOf(first)("DELETE", `${ACCOUNTS}/${String(one?.id)}`);
    const again = await restart();
    await create(again, "d");
    expect(await names(again, `?after=${page_info.end_cursor}`)).toEqual(["d"]);
    expect(await names(again, `?after=${last}`)).toEqual(["d"]);
    expect(await names(again, `?before=${last}`)).toEqual(["b"]);
  });

  it("forgets faults and the log of requests", async () => {
    const first = await start();
    await addFault(first, { operation: "*", status: 500 });
    await signIn(first);
    const again = await restart();
    expect((await callerOf(again)("GET", "/_emulator/requests")).body).toEqual([]);
    expect(await names(again)).toEqual([]);
  });
});

describe("the file", () => {
  it("holds no secret and no token", async () => {
    const emulator = await start();
    const account = await create(emulator, "an account");
    const key = await create(emulator, "a key", `${ACCOUNTS}/${account.id}/credentials`);
    const { body } = await signIn(emulator, key);
    const secrets = [emulator.clientSecret, emulator.apiKey, key.client_secret, body.access_token];
    const before = readFileSync(data, "utf8");
    await restart();
    for (const content of [before, readFileSync(data, "utf8")]) {
      expect(content).toContain("an account");
      for (const secret of secrets) expect(content.includes(String(secret))).toBe(false);
    }
  });

  it("is readable by its owner only, whatever its mode was", async () => {
    await start();
    expect(statSync(data).mode & 0o777).toBe(0o600);
    chmodSync(data, 0o644);
    await restart();
    expect(statSync(data).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("contains every change before its response, and after the next start only their result", async () => {
    const emulator = await start();
    const { id } = await create(emulator, "n");
    const before = lines().length;
    for (let i = 1; i <= 20; i++) {
      await callerOf(emulator)("PATCH", `${ACCOUNTS}/${id}`, { body: { name: `n${i}` } });
      expect(lines()).toHaveLength(before + i);
      expect(lines().at(-1)).toContain(`"n${i}"`);
    }
    await restart();
    expect(lines()).toHaveLength(before + 2); // the secret and the API key of this start
  });

  it("may be empty, or behind a symbolic link, which stays", async () => {
    writeFileSync(data, "");
    const link = join(folder, "link");
    symlinkSync(data, link);
    await create(await start({ data: link }), "kept");
    await running.pop()?.close();
    expect(await names(await start({ data: link }))).toEqual(["kept"]);
    expect(statSync(link).ino).toBe(statSync(data).ino);
  });

  it("may end in the middle of a line, whose response was not sent", async () => {
    const emulator = await start();
    await create(emulator, "complete");
    const complete = readFileSync(data);
    await create(emulator, "törn");
    const whole = readFileSync(data);
    await emulator.close();
    const inLetter = whole.indexOf("ö") + 1;
    for (const size of [complete.length + 1, complete.length + 99, inLetter, whole.length - 1]) {
      writeFileSync(data, whole.subarray(0, size));
      const again = await start();
      expect([size, await names(again)]).toEqual([size, ["complete"]]);
      await create(again, "added");
      expect(await names(await restart())).toEqual(["complete", "added"]);
      await running.pop()?.close();
    }
  });
});

describe("a damaged or foreign file,", () => {
  /** Returns the content of a file that an emulator has written. */
  async function written(): Promise<string> {
    const emulator = await start();
    const { id } = await create(emulator, "an account");
    await create(emulator, "a key", `${ACCOUNTS}/${id}/credentials`);
    await running.pop()?.close();
    return readFileSync(data, "utf8");
  }

  const first = "line 1 is damaged, or was not written by this version";
  it.each<[string, string, (good: string) => string]>([
    ["another text", first, () => "hello"],
    ["another JSON", first, () => "{}\n"],
    ["a damaged letter", "line 4 is damaged", (good) => good.replace("an account", "an accomnt")],
    ["half a line in the middle", "line 2 is damaged", (good) => good.replace(/\n.{9}/, "\n")],
    ["a missing first line", "line 1 is damaged", (good) => good.replace(/^.*\n/, "")],
    ["a missing line", "line 4 is damaged", (good) => good.replace(/.*an account.*\n/, "")],
  ])("such as %s, is refused and left as it is", async (_, message, spoil) => {
    const spoiled = spoil(await written());
    writeFileSync(data, spoiled);
    await expect(start()).rejects.toThrow(`${data} is left as it is, since it cannot be used: `);
    await expect(start()).rejects.toThrow(message);
    expect(readFileSync(data, "utf8")).toBe(spoiled);
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("such as a folder, is refused", async () => {
    await expect(start({ data: folder })).rejects.toThrow(`${folder} is not a file.`);
    await expect(start({ data: join(folder, "missing", "data") })).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("does not block the port", async () => {
    const { endpoint } = await start({});
    await running.pop()?.close();
    const port = Number(new URL(endpoint).port);
    await expect(start({ data: folder, port })).rejects.toThrow();
    expect((await start({ port })).endpoint).toBe(endpoint);
  });
});

describe("a file that is in use", () => {
  let stderr: jest.SpyInstance;
  beforeEach(() => (stderr = jest.spyOn(process.stderr, "write").mockReturnValue(true)));
  afterEach(() => stderr.mockRestore());

  it("stays with its emulator if another one cannot start because the port is in use", async () => {
    const first = await start();
    const port = Number(new URL(first.endpoint).port);
    await expect(start({ data, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await create(first, "kept");
    expect(await names(await restart())).toEqual(["kept"]);
  });

  it("belongs to the emulator that started last, and the other one refuses changes", async () => {
    const first = await start();
    await create(first, "kept");
    const second = await start();
    const response = await callerOf(first)("POST", ACCOUNTS, { body: { name: "lost" } });
    expect(response).toMatchObject({ status: 500, body: { code: "internal_error" } });
    const warning = expect.stringContaining(`${data} has been removed, or another emulator`);
    expect(stderr).toHaveBeenCalledWith(warning);
    expect(await names(first)).toEqual(["kept"]);
    await create(second, "added");
    expect(await names(await restart())).toEqual(["kept", "added"]);
  });

  it("that is removed makes changes fail", async () => {
    const emulator = await start();
    rmSync(data);
    expect((await callerOf(emulator)("POST", ACCOUNTS, { body: { name: "lost" } })).status).toBe(500);
    expect(await names(emulator)).toEqual([]);
  });
});
