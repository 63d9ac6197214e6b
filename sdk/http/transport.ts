import type { Agent } from "node:http";
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  MalformedResponseError,
} from "../errors";
import type { Failure, Outcome } from "../errors";
import { nodeFetch } from "../thirdParty";
import { untilAborted } from "./abort";
import { NO_TUNNEL } from "./agents";
import type { Agents } from "./agents";

/** The options of a `fetch` call. Only `node-fetch` uses `agent`. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  redirect: "manual";
  agent: Agent;
}

/** The part of a `fetch` response that the client uses. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** A stream of bytes, read up to the size limit; without it, `text` is called. */
  readonly body?: unknown;
  text(): Promise<string>;
}

/** A function such as `node-fetch` or Node's own `fetch`. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** How requests are sent. */
export interface Connection {
  /** Replaces `node-fetch`. */
  readonly fetch: Fetch | undefined;
  readonly fetchOptions: Readonly<Record<string, unknown>>;
  readonly agents: Agents;
}

/** One HTTP request. */
export interface HttpRequest extends Pick<Failure, "method" | "path" | "requestId"> {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Keeps the request off connections that have been used before. */
  readonly newConnection: boolean;
  /** Milliseconds from connecting to the last byte of the response. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  /** Number of the attempt within its call, from 1. */
  readonly attempt: number;
  /** Precedes others in the rate limiter's queue: it was sent before, or others need its response. */
  readonly urgent: boolean;
  /** Texts to remove from errors. */
  readonly secrets: readonly string[];
}

/** One HTTP response. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: FetchResponse["headers"];
  readonly text: string;
}

/** Far more than any response of this API. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Sends one request and reads the whole response. Does not follow redirects.
 *
 * @throws {APIConnectionTimeoutError} after `timeout`
 * @throws {APIUserAbortError} when `signal` aborts
 * @throws {APIConnectionError} without a complete response
 * @throws {MalformedResponseError} when the body of a 2xx is too large
 */
export async function exchange(
  request: HttpRequest,
  connection: Connection,
  redact: (text: string) => string,
): Promise<HttpResponse> {
  request.signal?.throwIfAborted();
  const stop = new AbortController();
  const abort = () => stop.abort();
  const timer = setTimeout(abort, request.timeout);
  request.signal?.addEventListener("abort", abort);
  try {
    return await untilAborted(receive(request, connection, stop.signal), stop.signal);
  } catch (error) {
    if (error instanceof MalformedResponseError) throw error;
    const failure = failureOf(request, "unknown");
    if (request.signal?.aborted) throw new APIUserAbortError(failure, ABORTED);
    if (stop.signal.aborted)
      throw new APIConnectionTimeoutError(failure, `no response within ${request.timeout} ms`);
    throw connectionError(request, error, redact);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", abort);
  }
}

/** The problem of an `APIUserAbortError`. */
export const ABORTED = "aborted by the caller";

async function receive(
  request: HttpRequest,
  { fetch = nodeFetch, fetchOptions, agents }: Connection,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { url, method, headers, body, newConnection } = request;
  const response = await fetch(url, {
    agent: agents[newConnection ? "new" : "keptAlive"],
    ...fetchOptions,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal,
    redirect: "manual",
  });
  const { status } = response;
  const text = await readText(response);
  // The status of an error counts, however large its body is.
  if (text === undefined && status >= 200 && status < 300)
    throw new MalformedResponseError(
      { ...failureOf(request, "unknown"), status },
      `more than ${MAX_BYTES} bytes`,
    );
  return { status, headers: response.headers, text: text ?? "" };
}

/** Returns the body, `undefined` if it is too large; the rest of it is not read then. */
async function readText(response: FetchResponse): Promise<string | undefined> {
  if (!isStream(response.body)) return response.text();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

/** Returns the part of a failure that the request determines. */
export function failureOf(
  { method, path, requestId }: Pick<HttpRequest, "method" | "path" | "requestId">,
  outcome: Outcome,
): Failure {
  return { method, path, requestId, outcome };
}

/** Errors before a connection exists: connection refused, name not resolved, no tunnel through the proxy. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", NO_TUNNEL]);

// The error does not become the `cause`: an injected `fetch` may attach headers to its errors, secrets included.
function connectionError(request: HttpRequest, thrown: unknown, redact: (text: string) => string) {
  const error = Object(thrown) as { code?: unknown; message?: unknown; cause?: { code?: unknown } | null };
  const code = error.code ?? error.cause?.code; // Node's own fetch puts it into the cause.
  const message = typeof error.message === "string" ? error.message : "";
  const reason = message.replace(/^.*, reason: ?/s, ""); // node-fetch puts the URL before it.
  const known = typeof code === "string" ? code : undefined;
  const outcome = NOT_CONNECTED.has(known ?? "") ? "not-sent" : "unknown";
  const failure = { ...failureOf(request, outcome), ...(known === undefined ? {} : { code: known }) };
  return new APIConnectionError(
    failure,
    redact(`connection failed: ${reason || known || "no reason given"}`),
  );
}
