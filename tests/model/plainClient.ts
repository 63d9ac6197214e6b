import type { Emulator } from "pulumi-keycard/emulator";
import { timeout } from "./faultCases";

/** How often Keycard's published client repeats a call by default. */
const repeats = 2;

/**
 * Creates as a plain client does which repeats what failed, as Keycard's published client: after 408, 409, 429, 5xx and connection
 * errors, and after no answer in time.
 *
 * @returns the answer
 * @throws Error where it gives up
 */
export async function createPlainly(
  { endpoint, apiKey }: Emulator,
  path: string,
  name: string,
): Promise<object> {
  let failure: unknown;
  for (let attempt = 0; attempt <= repeats; attempt++) {
    const answer = await post(endpoint + path, apiKey, name).catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    if (answer === undefined) continue;
    // What arrives is read once: an answer that cannot be read is an error to this client, and no reason to repeat.
    if (answer.ok) return (await answer.json()) as object;
    failure = new Error(`status ${answer.status}`);
    if (![408, 409, 429].includes(answer.status) && answer.status < 500) break;
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
