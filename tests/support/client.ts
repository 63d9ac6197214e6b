import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import type { Emulator, FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
import type { ClientOptions, Logger, ServiceAccount } from "pulumi-keycard/sdk";
import { startEmulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "pulumi-keycard/sdk";

/** A client that signs in to an emulator. */
export function clientOf(emulator: Emulator, options: ClientOptions = {}): KeycardAPI {
  const { endpoint, clientId, clientSecret } = emulator;
  return new KeycardAPI({ baseURL: endpoint, clientID: clientId, clientSecret, ...options });
}

type Running = Pick<Emulator, "endpoint">;

export async function addFault(emulator: Running, rule: FaultRule | FaultRule[]): Promise<void> {
  const response = await fetch(`${emulator.endpoint}/_emulator/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(rule),
  });
  expect(response.status).toBe(204);
}

/** Returns the calls of one operation that an emulator has received. */
export async function requestsOf(emulator: Emulator, operation: string): Promise<LoggedRequest[]> {
  const response = await fetch(`${emulator.endpoint}/_emulator/requests`);
  const requests = (await response.json()) as LoggedRequest[];
  return requests.filter((request) => request.operation === operation);
}

/** Returns an emulator that is started anew for each test. */
export function useEmulator(): Emulator {
  return useForEachTest(() => startEmulator());
}

/** Returns a server that is started anew for each test. */
export function useServer(respond: RequestListener): TestServer {
  return useForEachTest(() => serve(respond));
}

/** Starts something before each test and closes it afterwards. The result stands for the current one. */
function useForEachTest<T extends { close(): Promise<void> }>(start: () => Promise<T>): T {
  let current: T;
  beforeEach(async () => void (current = await start()));
  afterEach(() => current.close());
  return new Proxy({} as T, { get: (_target, name) => Reflect.get(current, name) as unknown });
}

/** Returns a logger with the lines that it has received. */
export function recordingLogger(): { lines: string[]; logger: Logger } {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  return { lines, logger: { error: log, warn: log, info: log, debug: log } };
}

/** A server with a test's own responses. */
export interface TestServer {
  readonly endpoint: string;
  readonly server: Server;
  /** All requests so far. */
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

export async function serve(respond: RequestListener, port = 0): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    respond(request, response);
  });
  server.keepAliveTimeout = 0; // Keeps idle connections open unless a test closes them.
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    requests,
    close: async () => {
      const closed = once(server.close(), "close");
      server.closeAllConnections();
      await closed;
    },
  };
}

export function respondJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

export const ACCOUNT: ServiceAccount = {
  id: "sa1",
  name: "one",
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

/** Returns the error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const nothing = Symbol("no error");
  const outcome = await promise.then(
    () => nothing,
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error("expected an error, but the call succeeded");
}

/** Returns everything that printing a value in any way can show. */
export function printed(value: unknown): string {
  const stack = value instanceof Error ? `${value.stack} ${String(value)}` : "";
  return [inspect(value, { showHidden: true, getters: true, depth: 20 }), JSON.stringify(value), stack].join(
    "\n",
  );
}
