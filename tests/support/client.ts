import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import type { Emulator, FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
import type {
  ClientOptions,
  FetchResponse,
  Logger,
  RequestOptions,
  ServiceAccount,
} from "pulumi-keycard/sdk";
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

/** Returns the calls that an emulator has received, of one operation or of all. */
export async function requestsOf(emulator: Emulator, operation?: string): Promise<LoggedRequest[]> {
  const response = await fetch(`${emulator.endpoint}/_emulator/requests`);
  const requests = (await response.json()) as LoggedRequest[];
  return requests.filter((request) => operation === undefined || request.operation === operation);
}

/** Returns an emulator that is started anew for each test. */
export function useEmulator(): Emulator {
  return useForEachTest(() => startEmulator());
}

/** Returns a server that is started anew for each test. */
export function useServer(respond?: RequestListener): TestServer {
  return useForEachTest(() => serve(respond));
}

/** Starts something before each test and closes it afterwards. The result stands for the current one. */
function useForEachTest<T extends { close(): Promise<void> }>(start: () => Promise<T>): T {
  let current: T;
  beforeEach(async () => void (current = await start()));
  afterEach(() => current.close());
  return new Proxy({} as T, {
    get: (_target, name) => Reflect.get(current, name) as unknown,
    set: (_target, name, value) => Reflect.set(current, name, value),
  });
}

/** Returns a logger that calls `log` with each line. */
export function loggerTo(log: (line: string) => void): Logger {
  return { error: log, warn: log, info: log, debug: log };
}

/** Returns a logger with the lines that it has received. */
export function recordingLogger(): { lines: string[]; logger: Logger } {
  const lines: string[] = [];
  return { lines, logger: loggerTo((line) => void lines.push(line)) };
}

/** A server with a test's own responses. */
export interface TestServer {
  readonly endpoint: string;
  readonly server: Server;
  /** All requests so far. */
  readonly requests: IncomingMessage[];
  respond: RequestListener;
  close(): Promise<void>;
}

/** Starts a server that responds to everything with an account, unless `respond` is given. */
export async function serve(respond = reply(200, ACCOUNT), port = 0): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    started.respond(request, response);
  });
  server.keepAliveTimeout = 0; // Keeps idle connections open unless a test closes them.
  await once(server.listen(port, "127.0.0.1"), "listening");
  const started: TestServer = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    requests,
    respond,
    close: async () => {
      const closed = once(server.close(), "close");
      server.closeAllConnections();
      await closed;
    },
  };
  return started;
}

/** Responds with JSON; a string is sent as it is. */
export function respondJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Responds to everything in the same way. */
export function reply(status: number, body: unknown, headers?: Record<string, string>): RequestListener {
  return (_request, response) => respondJson(response, status, body, headers);
}

/** Returns what an injected `fetch` receives. */
export function fetched(status: number, body: unknown, headers: Record<string, string> = {}): FetchResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: new Headers(headers), text: () => Promise.resolve(text) };
}

/** Returns a client of a server, with a ready-made token unless the options have an ID and a secret. */
export function clientAt(
  { endpoint }: Pick<TestServer, "endpoint">,
  options: ClientOptions = {},
): KeycardAPI {
  const identity = options.clientID === undefined ? { apiKey: "key" } : {};
  return new KeycardAPI({ baseURL: endpoint, ...identity, ...options });
}
export const accountsAt = (...args: Parameters<typeof clientAt>) =>
  clientAt(...args).organizations.serviceAccounts;

export const PAIR = { clientID: "id", clientSecret: "s3cret" };
export const ORG = { organization_id: "acme" };
export const ACCOUNT: ServiceAccount = {
  id: "sa1",
  name: "one",
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};
/** What a sign-in returns. */
export const TOKEN = { access_token: "t0ken", token_type: "Bearer", expires_in: 3600 };
export const isSignIn = ({ url }: IncomingMessage) => url?.endsWith("/service-account-token") === true;

/** Objects that a call may concern. */
export interface Existing {
  readonly organization_id: string;
  readonly account: string;
  readonly credential: string;
}

/** Creates an account with a credential. */
export async function createExisting(emulator: Emulator): Promise<Existing> {
  const { serviceAccounts } = clientOf(emulator).organizations;
  const organization_id = emulator.organizationId;
  const { id: account } = await serviceAccounts.create(organization_id, { name: "existing" });
  const { id } = await serviceAccounts.credentials.create(account, { organization_id, name: "existing" });
  return { organization_id, account, credential: id };
}

/** Returns a function for each of the ten operations that calls it for existing objects. */
export function callsOf(
  client: KeycardAPI,
  { organization_id, account, credential }: Existing,
  params: { "X-Client-Request-ID"?: string } = {},
  options?: RequestOptions,
) {
  const { serviceAccounts: accounts } = client.organizations;
  const { credentials } = accounts;
  const inOrganization = { organization_id, ...params };
  const inAccount = { ...inOrganization, service_account_id: account };
  const name = "new";
  return {
    createServiceAccount: () => accounts.create(organization_id, { ...params, name }, options),
    listServiceAccounts: () => accounts.list(organization_id, params, options),
    retrieveServiceAccount: () => accounts.retrieve(account, inOrganization, options),
    updateServiceAccount: () => accounts.update(account, { ...inOrganization, name }, options),
    createCredential: () => credentials.create(account, { ...inOrganization, name }, options),
    listCredentials: () => credentials.list(account, inOrganization, options),
    retrieveCredential: () => credentials.retrieve(credential, inAccount, options),
    updateCredential: () => credentials.update(credential, { ...inAccount, name }, options),
    deleteCredential: () => credentials.delete(credential, inAccount, options),
    deleteServiceAccount: () => accounts.delete(account, inOrganization, options),
  };
}

/** Returns the error that a promise rejects with. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<Error> {
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
