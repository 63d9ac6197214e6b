import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { startEmulator } from "pulumi-keycard/emulator";
import { addFault, requestsOf, useEmulator } from "../../support/client";
import { ACCOUNTS, callerOf } from "../../support/emulatorCalls";

const portOf = (endpoint: string) => Number(new URL(endpoint).port);
const emulator = useEmulator();

describe("starting", () => {
  it("returns the endpoint and the credentials", async () => {
    const started = await startEmulator();
    await started.close();
    expect(started).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      organizationId: expect.stringMatching(/^[a-z0-9]{26}$/),
      organizationLabel: "emulator",
      clientId: expect.stringMatching(/^[a-z0-9]{26}$/),
      clientSecret: expect.stringMatching(/^[\w-]{43}$/),
      apiKey: expect.stringMatching(/^[\w-]{43}$/),
      close: expect.any(Function),
    });
  });

  it("creates an empty organization, available under its ID and its label", async () => {
    for (const organization of [emulator.organizationId, emulator.organizationLabel]) {
      const path = `/organizations/${organization}/service-accounts`;
      const { status, body } = await callerOf(emulator)("GET", path);
      expect(status).toBe(200);
      expect(body).toEqual({ items: [], page_info: { has_next_page: false, has_prev_page: false } });
    }
  });

  it("uses the given port", async () => {
    const { endpoint } = emulator;
    await emulator.close();
    const second = await startEmulator({ port: portOf(endpoint) });
    expect(second.endpoint).toBe(endpoint);
    await second.close();
  });

  it("listens on no other interface than loopback", async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid);
    for (const { address } of others) {
      const socket = connect(portOf(emulator.endpoint), address);
      await expect(once(socket, "connect")).rejects.toThrow("ECONNREFUSED");
    }
  });

  it("fails if the port is in use, and the emulator that uses it continues", async () => {
    const port = portOf(emulator.endpoint);
    await expect(startEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect((await callerOf(emulator)("GET", ACCOUNTS)).status).toBe(200);
  });

  const invalidPort = "port must be a whole number from 0 to 65535.";
  const invalidLifetime = "tokenLifetime must be a whole number from 0 to 1000000000.";
  it.each([
    [{ port: -1 }, invalidPort],
    [{ port: 65536 }, invalidPort],
    [{ port: 80.5 }, invalidPort],
    [{ tokenLifetime: -1 }, invalidLifetime],
    [{ tokenLifetime: NaN }, invalidLifetime],
  ])("refuses %j", async (options, message) => {
    await expect(startEmulator(options)).rejects.toThrow(new RangeError(message));
  });
});

it("several emulators at once share nothing", async () => {
  const emulators = await Promise.all(Array.from({ length: 5 }, () => startEmulator()));
  const [first, second] = emulators.map(callerOf);
  await first?.("POST", ACCOUNTS, { body: { name: "only here" } });
  expect((await second?.("GET", ACCOUNTS))?.body).toMatchObject({ items: [] });
  expect((await second?.("GET", ACCOUNTS, { token: emulators[0]?.apiKey ?? "" }))?.status).toBe(401);
  for (const key of ["endpoint", "organizationId", "clientId", "clientSecret", "apiKey"] as const) {
    expect(new Set(emulators.map((emulator) => emulator[key])).size).toBe(5);
  }
  await Promise.all(emulators.map(({ close }) => close()));
});

describe("stopping", () => {
  it("cuts idle connections, and may be called twice", async () => {
    const socket = connect(portOf(emulator.endpoint), "127.0.0.1");
    socket.write("GET /_emulator/requests HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    await Promise.all([emulator.close(), emulator.close(), closed]);
    await emulator.close();
    await expect(fetch(emulator.endpoint)).rejects.toThrow("fetch failed");
  });

  it("cuts delayed calls", async () => {
    await addFault(emulator, { operation: "listServiceAccounts", delayMs: 3_600_000 });
    const held = expect(callerOf(emulator)("GET", ACCOUNTS)).rejects.toThrow("fetch failed");
    while ((await requestsOf(emulator)).length === 0);
    await emulator.close();
    await held;
  });
});
