/** `POST /_emulator/clock`: all of the emulator's time moves forward, and never back. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEmulator } from "pulumi-keycard/emulator";
import { useEmulator } from "../../support/client";
import { ACCOUNTS, callerOf, signIn } from "../../support/emulatorCalls";
import type { Reachable } from "../../support/emulatorCalls";

const DAY = 24 * 60 * 60 * 1000;
const emulator = useEmulator();

function move(body: unknown, target: Reachable = emulator) {
  return callerOf(target)<{ now: string }>("POST", "/_emulator/clock", { body, token: null });
}

/** Returns the days between a time and this machine's. */
const daysAhead = (time: string | null | undefined) =>
  Math.round((Date.parse(String(time)) - Date.now()) / DAY);

test("moves new timestamps, the header Date and the log of calls", async () => {
  const { status, body } = await move({ advanceMs: 30 * DAY });
  expect([status, daysAhead(body.now)]).toEqual([200, 30]);
  const call = callerOf(emulator);
  const created = await call<Record<string, string>>("POST", ACCOUNTS, { body: { name: "one" } });
  expect(daysAhead(created.headers.get("date"))).toBe(30);
  expect(daysAhead(created.body["created_at"])).toBe(30);
  await move({ advanceMs: DAY });
  const path = `${ACCOUNTS}/${created.body["id"]}/credentials`;
  const { body: key } = await call<Record<string, string>>("POST", path, { body: { name: "key" } });
  await signIn(emulator, key);
  const read = await call<Record<string, string>>("GET", `${path}/${key["id"]}`);
  expect(daysAhead(read.body["last_used_at"])).toBe(31);
  const log = await call<{ time: string }[]>("GET", "/_emulator/requests");
  expect(daysAhead(log.body.at(-1)?.time)).toBe(31);
});

test("ends the time of tokens that expire", async () => {
  const token = String((await signIn(emulator)).body["access_token"]);
  const call = callerOf(emulator);
  expect((await call("GET", ACCOUNTS, { token })).status).toBe(200);
  await move({ advanceMs: DAY });
  expect((await call("GET", ACCOUNTS, { token })).status).toBe(401);
  // The ready-made token never expires.
  expect((await call("GET", ACCOUNTS)).status).toBe(200);
});

test.each([
  { advanceMs: -1 },
  { advanceMs: 0.5 },
  { advanceMs: "1" },
  { advanceMs: 4e12 },
  {},
  [],
  null,
  { by: 1 },
])("refuses %j", async (body) => {
  const message = expect.stringContaining("moves only forward");
  expect(await move(body)).toMatchObject({ status: 400, body: { message } });
});

test("a data file keeps it", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "keycard-clock-"));
  const data = path.join(folder, "data");
  for (const days of [10, 20]) {
    const started = await startEmulator({ data });
    expect(daysAhead((await move({ advanceMs: 10 * DAY }, started)).body.now)).toBe(days);
    await started.close();
  }
  const last = await startEmulator({ data });
  expect(daysAhead((await callerOf(last)("GET", ACCOUNTS)).headers.get("date"))).toBe(20);
  await last.close();
  await rm(folder, { recursive: true });
});
