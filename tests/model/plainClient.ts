import type { Emulator } from "pulumi-keycard/emulator";
import { timeout } from "./faultCases";

/** The default of Keycard's published client. */
const maxRetries = 2;

/**
 * Creates an object as Keycard's published client does, which retries after 408, 409, 429, 5xx, connection errors and timeouts.
 *
 * @throws Error after the last attempt
 */
export async function createWithPlainClient(
  { endpoint, apiKey }: Emulator,
  path: string,
  name: string,
): Promise<object> {
  let failure: unknown;
  for (let attempt = 0; attempt <= maxRetries; attempt++) {
    const response = await post(endpoint + path, apiKey, name).catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    if (response === undefined) continue;
    // This client does not retry after an unreadable response.
    if (response.ok) return (await response.json()) as object;
    failure = new Error(`status ${response.status}`);
    if (![408, 409, 429].includes(response.status) && response.status < 500) break;
  }
  throw failure;
}

function post(url: string, token: string, name: string): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ name }),
    signal: AbortSignal.timeout(timeout),
  });
}
