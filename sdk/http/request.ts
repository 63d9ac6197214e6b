import { validateHeaderName, validateHeaderValue } from "node:http";
import { faultOf, parsed } from "./response";
import type { Answer, AnswerName } from "./response";
import { ConfigurationError, MalformedResponseError, errorClass } from "../errors";
import type { APIError, Failure } from "../errors";
import type { Settings } from "../options";
import { redactor } from "./redact";
import { exchange, failureOf } from "./transport";
import type { Incoming, Outgoing } from "./transport";
import { USER_AGENT } from "./userAgent";

/** One request, and what must not be told of it. */
export interface SecretRequest extends Outgoing {
  /** Counted from 1 within its call. */
  readonly attempt: number;
  /** Goes before others, where requests wait: it was sent before, or they need it. */
  readonly urgent: boolean;
  readonly secrets: readonly (string | undefined)[];
}

/**
 * The headers of a request, save the authorization. The caller's own cannot take the place of what the API
 * goes by.
 */
export function headersOf(
  settings: Settings,
  requestId: string,
  contentType: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const headers: Record<string, string> = { accept: "application/json", "user-agent": USER_AGENT };
  for (const [name, value] of [...Object.entries(settings.headers), ...Object.entries(more)]) {
    headers[name.toLowerCase()] = value;
  }
  delete headers["authorization"];
  delete headers["content-type"];
  if (contentType !== undefined) headers["content-type"] = contentType;
  headers["x-client-request-id"] = requestId;
  return headers;
}

/** Makes one request when it is its turn. Every status but 2xx is an error. */
export async function send(settings: Settings, request: SecretRequest): Promise<Incoming> {
  checkHeaders(request.headers);
  return settings.pace.send(request, settings.log, () => sendNow(settings, request));
}

async function sendNow(settings: Settings, request: SecretRequest): Promise<Incoming> {
  const redact = redactor([...request.secrets, ...secretHeaders(request.headers)]);
  const started = performance.now();
  let outcome = "no answer";
  try {
    const incoming = await exchange(request, settings.fetch, settings.fetchOptions, redact);
    outcome = String(incoming.status);
    settings.clock.note(incoming.headers.get("date"), started);
    if (incoming.status >= 200 && incoming.status < 300) return incoming;
    throw statusError(request, incoming, redact);
  } finally {
    const took = Math.round(performance.now() - started);
    const { method, path, requestId, attempt } = request;
    settings.log.debug(
      `${method} ${path}: ${outcome} after ${took} ms (request ID ${requestId}, attempt ${attempt})`,
    );
  }
}

/**
 * Reads an answer.
 * @throws {MalformedResponseError} when it does not have the shape
 */
export function read<Name extends AnswerName>(
  request: Outgoing,
  incoming: Incoming,
  name: Name,
): Answer<Name> {
  const answer = parsed(incoming.text);
  const failure = { ...failureOf(request), status: incoming.status };
  if (answer === undefined) throw new MalformedResponseError(failure, "not JSON");
  const fault = faultOf(name, answer);
  if (fault === undefined) return answer as Answer<Name>;
  // What signing in answers is not kept: it is not what the call that needed a token has made.
  throw new MalformedResponseError(failure, fault, name === "Token" ? undefined : answer);
}

function statusError(
  request: Outgoing,
  { status, headers, text }: Incoming,
  redact: (text: string) => string,
): APIError {
  const retryAfter = secondsToWait(headers.get("retry-after"));
  const failure: Failure = {
    ...failureOf(request),
    status,
    ...toldBy(parsed(text), redact),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  return new (errorClass(status))(failure, inWords(failure));
}

/** What an error's answer says, for a person. */
export function inWords({
  status = 0,
  code,
  apiMessage,
  retryAfter,
}: Omit<Failure, "method" | "path" | "requestId">): string {
  return [
    `status ${status}`,
    code,
    apiMessage?.replace(/\.$/, ""),
    status >= 300 && status < 400
      ? "redirects are not followed, set the endpoint to where the API is"
      : undefined,
    retryAfter === undefined ? undefined : `try again in ${retryAfter} s`,
  ]
    .filter((word) => word !== undefined)
    .join(": ");
}

/** The code and the message that an error's body tells, in Keycard's spelling or OAuth's. */
function toldBy(body: unknown, redact: (text: string) => string): Pick<Failure, "code" | "apiMessage"> {
  const { message, code, error, error_description } = Object(body) as Record<string, unknown>;
  const words = [message, error_description].find((value) => typeof value === "string");
  const name = [code, error].find((value) => typeof value === "string");
  return {
    ...(name ? { code: redact(name) } : {}),
    ...(words ? { apiMessage: redact(words) } : {}),
  };
}

/** Seconds that a `Retry-After` asks to wait, whether it tells them or a date. */
function secondsToWait(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Math.min(Number(header), Number.MAX_SAFE_INTEGER);
  const date = /GMT$/.test(header.trim()) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

/** Tells the log why and how long a call waits before its next attempt. */
export function onWait(settings: Settings): (error: unknown, wait: number) => void {
  return (error, wait) => {
    const why = error instanceof Error ? error.message : "failed";
    settings.log.info(`${why}; next attempt in ${Math.round(wait)} ms`);
  };
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new ConfigurationError(
        `the header ${JSON.stringify(name)} cannot be sent: its name or value (a token?) has a character that headers cannot have, such as a line break`,
      );
    }
  }
}

/** What follows the scheme in an authorization, and whatever else by its name is a secret. */
function secretHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => /authorization|cookie|token|secret|key/i.test(name))
    .map(([, value]) => value.replace(/^(Basic|Bearer) /, ""));
}
