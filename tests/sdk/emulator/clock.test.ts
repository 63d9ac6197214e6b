/** `POST /_emulator/clock`: all of the emulator's time moves forward, and never back. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEmulator } from "pulumi-keycard/emulator";
import { useEmulator } from "../../support/client";
import { callerOf, requestToken } from "../../support/emulatorCalls";
import type { Reachable } from "../../support/emulatorCalls";

const DAY = 24 * 60 * 60 * 1000;
const accounts = "/organizations/emulator/service-accounts";
const emulator = useEmulator();

function move(body: unknown, target: Reachable = emulator) {
  return callerOf(target)<{ now: string }>("POST", "/_emulator/clock", { body, token: null });
}

/** Returns the days between a time and this machine's. */
const daysAhead = (time: string | null) => Math.round((Date.parse(String(time)) - Date.now()) / DAY);

test("moves new timestamps, the header Date and the log of calls", async () => {
  const { status, body } = await move({ advanceMs: 30 * DAY });
  expect([status, daysAhead(body.now)]).toEqual([200, 30]);
  const created = await callerOf(emulator)<{ id: string; created_at: string }>("POST", accounts, {
    body: { name: "one" },
  });
  expect([daysAhead(created.headers.get("date")), daysAhead(created.body.created_at)]).toEqual([30, 30]);
  await move({ advanceMs: DAY });
  const key = await callerOf(emulator)<Record<string, string>>(
    "POST",
    `${accounts}/${created.body.id}/credentials`,
    { body: { name: "key" } },
  );
  const { client_id = "", client_secret = "", id } = key.body;
  await requestToken(emulator, { grant_type: "client_credentials", client_id, client_secret });
  const read = await callerOf(emulator)<Record<string, string>>(
    "GET",
    `${accounts}/${created.body.id}/credentials/${id}`,
  );
  expect(daysAhead(read.body["last_used_at"] ?? null)).toBe(31);
  const log = await callerOf(emulator)<{ time: string }[]>("GET", "/_emulator/requests");
  expect(daysAhead(log.body.at(-1)?.time ?? null)).toBe(31);
});

test("ends the time of tokens that expire", async () => {
  const { clientId: client_id, clientSecret: client_secret } = emulator;
  const { body } = await requestToken(emulator, {
    grant_type: "client_credentials",
    client_id,
    client_secret,
  });
  const token = String(body["access_token"]);
  expect((await callerOf(emulator)("GET", accounts, { token })).status).toBe(200);
  await move({ advanceMs: DAY });
  expect((await callerOf(emulator)("GET", accounts, { token })).status).toBe(401);
  // The ready-made token never expires.
  expect((await callerOf(emulator)("GET", accounts)).status).toBe(200);
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
  const response = await move(body);
  expect([response.status, String((response.body as unknown as { message: string }).message)]).toEqual([
    400,
    expect.stringContaining("moves only forward"),
  ]);
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
  expect(daysAhead((await callerOf(last)("GET", accounts)).headers.get("date"))).toBe(20);
  await last.close();
  await rm(folder, { recursive: true });
});
