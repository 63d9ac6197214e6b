import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Document } from "openapi-backend";
import { OpenAPIBackend } from "openapi-backend";
import type { Emulator } from "pulumi-keycard/emulator";
import { parse } from "yaml";

interface CallResponse<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

interface CallOptions {
  /** Sent as JSON unless it is a string, which is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Default: the API key of the emulator; null: no authorization. */
  token?: string | null;
  signal?: AbortSignal;
}

/** An emulator in this process or in another one. */
export type Reachable = Pick<Emulator, "endpoint" | "apiKey">;

export type Caller = <T = Record<string, unknown>>(
  method: string,
  target: string,
  options?: CallOptions,
) => Promise<CallResponse<T>>;

/** openapi.yaml, loaded independently of the emulator. */
const documented = new OpenAPIBackend({
  definition: parse(readFileSync(join(__dirname, "../../sdk/openapi.yaml"), "utf8")) as Document,
  quick: true,
  customizeAjv: (ajv) =>
    ajv.addFormat("uuid", true).addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
})
  .init()
  .then((api) => {
    const operations = api.getOperations(); // computed once, not for every request
    api.router.getOperations = () => operations;
    return api;
  });

/** Returns a function that calls the emulator without the SDK, and validates each response with openapi.yaml. */
export function callerOf(emulator: Reachable): Caller {
  return async <T>(method: string, target: string, options: CallOptions = {}) => {
    const { body, token = emulator.apiKey, headers, signal } = options;
    const response = await fetch(emulator.endpoint + target, {
      method,
      headers: {
        ...(token !== null && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const received = {
      status: response.status,
      headers: response.headers,
      body: text === "" ? null : JSON.parse(text),
    };
    await expectDocumented(method, target, received);
    return received as CallResponse<T>;
  };
}

/** Fails if openapi.yaml does not describe the response. */
async function expectDocumented(
  method: string,
  target: string,
  { status, headers, body }: CallResponse,
): Promise<void> {
  if (status !== 204) expect(headers.get("content-type")).toBe("application/json");
  if (status >= 400) {
    expect(body).toEqual({ message: expect.any(String), code: expect.any(String), status });
    return;
  }
  if (target.startsWith("/_emulator/")) return;
  const api = await documented;
  const operation = api.matchOperation({ method, path: target, headers: {} });
  expect(operation?.responses).toHaveProperty(String(status));
  expect(api.validateResponse(body, operation?.operationId ?? "", status).errors).toBeNull();
}

/** Sends a token request. */
export async function requestToken(
  emulator: Reachable,
  form: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<CallResponse> {
  return callerOf(emulator)("POST", "/service-account-token", {
    token: null,
    body: new URLSearchParams(form).toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
  });
}

/** Signs in with an ID and a secret, by default those of the emulator. */
export function signIn(
  emulator: Emulator,
  { client_id = emulator.clientId, client_secret = emulator.clientSecret } = {},
): Promise<CallResponse> {
  return requestToken(emulator, { grant_type: "client_credentials", client_id, client_secret });
}

/** The path of the accounts of an emulator's organization. */
export const ACCOUNTS = "/organizations/emulator/service-accounts";

/** Returns the ten operations with the paths of existing objects. */
export function operationsOn(accounts: string, accountId: string, credentialId: string) {
  const account = `${accounts}/${accountId}`;
  const credential = `${account}/credentials/${credentialId}`;
  const body = { name: "another" };
  return [
    { operation: "createServiceAccount", method: "POST", path: accounts, body },
    { operation: "listServiceAccounts", method: "GET", path: accounts },
    { operation: "retrieveServiceAccount", method: "GET", path: account },
    { operation: "updateServiceAccount", method: "PATCH", path: account, body },
    { operation: "createCredential", method: "POST", path: `${account}/credentials`, body },
    { operation: "listCredentials", method: "GET", path: `${account}/credentials` },
    { operation: "retrieveCredential", method: "GET", path: credential },
    { operation: "updateCredential", method: "PATCH", path: credential, body },
    { operation: "deleteCredential", method: "DELETE", path: credential },
    { operation: "deleteServiceAccount", method: "DELETE", path: account },
  ];
}
