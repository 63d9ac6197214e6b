import ms from "ms";

/** Moves an emulator's clock forward by a duration, such as "30d". */
export async function advanceClock(endpoint: string, duration: ms.StringValue): Promise<void> {
  const body = JSON.stringify({ advanceMs: ms(duration) });
  const headers = { "Content-Type": "application/json" };
  const { status } = await fetch(`${endpoint}/_emulator/clock`, { method: "POST", body, headers });
  expect(status).toBe(200);
}
