import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { untilAborted } from "./abort";
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  MalformedResponseError,
} from "../errors";
import type { Failure } from "../errors";

/** What a `fetch` is called with here. `agent` means something to `node-fetch` only. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  redirect: "manual";
  agent: Agent;
}

/** What of a `fetch`'s response is used here. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** A stream of bytes, which is read only as far as an answer may go; without one, `text` is asked. */
  readonly body?: unknown;
  text(): Promise<string>;
}

/** A function such as `node-fetch` or Node's own `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** One HTTP request. */
export interface Outgoing extends Pick<Failure, "method" | "path" | "requestId"> {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Never on a connection that has been used before. */
  readonly newConnection: boolean;
  /** Milliseconds, from now to the last byte of the answer. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** What came back. */
export interface Incoming {
  readonly status: number;
  readonly headers: FetchResponse["headers"];
  readonly text: string;
}

/** No answer of this API comes near it: whoever sends more is something else. */
const MOST_BYTES = 16 * 1024 * 1024;

// A server may close an idle connection in the very moment in which a request is sent on it. Nobody can tell
// then whether it acted. What may be repeated is repeated; what creates something goes out on a connection of
// its own, where this cannot happen. Its agent keeps no connections, but it does keep TLS sessions, so a new
// connection costs little. It must have no limit on its sockets either: with one, Node would hand a used
// connection to the next request that waits.
const AGENTS = {
  "http:": { kept: new Agent({ keepAlive: true }), own: new Agent({ keepAlive: false }) },
  "https:": { kept: new TlsAgent({ keepAlive: true }), own: new TlsAgent({ keepAlive: false }) },
};

function agentFor({ url, newConnection }: Outgoing): Agent {
  const agents = url.startsWith("https:") ? AGENTS["https:"] : AGENTS["http:"];
  return newConnection ? agents.own : agents.kept;
}

/**
 * Sends one request and reads the whole answer. Redirects are not followed.
 * @throws {APIConnectionTimeoutError} after `timeout`
 * @throws {APIUserAbortError} when `signal` aborts
 * @throws {APIConnectionError} when there is no whole answer
 * @throws {MalformedResponseError} when the answer is too large
 */
export async function exchange(
  outgoing: Outgoing,
  given: Fetch | undefined,
  fetchOptions: object,
  redact: (text: string) => string,
): Promise<Incoming> {
  const fetch = given ?? (await nodeFetch());
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, outgoing.timeout);
  outgoing.signal?.addEventListener("abort", abort);
  try {
    outgoing.signal?.throwIfAborted();
    return await untilAborted(receive(outgoing, fetch, fetchOptions, stop.signal), stop.signal);
  } catch (error) {
    if (error instanceof MalformedResponseError) throw error;
    if (outgoing.signal?.aborted) throw new APIUserAbortError(failureOf(outgoing), "aborted by the caller");
    if (stop.signal.aborted) {
      throw new APIConnectionTimeoutError(failureOf(outgoing), `no answer within ${outgoing.timeout} ms`);
    }
    throw connectionError(outgoing, error, redact);
  } finally {
    clearTimeout(timer);
    outgoing.signal?.removeEventListener("abort", abort);
  }
}

async function receive(
  outgoing: Outgoing,
  fetch: Fetch,
  fetchOptions: object,
  signal: AbortSignal,
): Promise<Incoming> {
  const { url, method, headers, body } = outgoing;
  const response = await fetch(url, {
    agent: agentFor(outgoing),
    ...fetchOptions,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal,
    redirect: "manual",
  });
  const { status, headers: received } = response;
  const text = await textOf(response);
  if (text !== undefined) return { status, headers: received, text };
  // Whoever refuses with endless words has refused all the same.
  if (status < 200 || status >= 300) return { status, headers: received, text: "" };
  throw new MalformedResponseError({ ...failureOf(outgoing), status }, `more than ${MOST_BYTES} bytes`);
}

/** The body, `undefined` if it is too large; the rest of it is then not waited for. */
async function textOf(response: FetchResponse): Promise<string | undefined> {
  if (!isStream(response.body)) return response.text();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

// An ES module: CommonJS can only load it so.
const nodeFetch = async (): Promise<Fetch> => (await import("node-fetch")).default;

/** The part of a request that errors tell. */
export function failureOf({ method, path, requestId }: Outgoing): Failure {
  return { method, path, requestId };
}

// What was thrown is not kept as `cause`: nobody knows what an injected `fetch` attaches to its errors.
function connectionError(outgoing: Outgoing, thrown: unknown, redact: (text: string) => string) {
  const { code, reason } = describe(thrown);
  const failure = { ...failureOf(outgoing), ...(code === undefined ? {} : { code }) };
  return new APIConnectionError(failure, redact(`connection failed: ${reason || code || "no reason given"}`));
}

function describe(thrown: unknown): { code: string | undefined; reason: string } {
  const error = thrown as {
    code?: unknown;
    message?: unknown;
    cause?: { code?: unknown };
  } | null;
  const code = error?.code ?? error?.cause?.code; // Node's own fetch tells it one level down.
  const message = typeof error?.message === "string" ? error.message : "";
  return {
    code: typeof code === "string" ? code : undefined,
    reason: message.replace(/^.*, reason: ?/s, ""), // What node-fetch puts before it is the URL.
  };
}
