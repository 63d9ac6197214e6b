import { MalformedResponseError, errorClass } from "../errors";
import type { APIError, Failure, Outcome } from "../errors";
import type { components } from "../generated/api";
import * as validators from "../generated/validators";
import { failureOf } from "./transport";
import type { HttpRequest, HttpResponse } from "./transport";

type Schemas = components["schemas"];

/** A schema of openapi.yaml that a response can have. */
export type ResponseName =
  | "ServiceAccount"
  | "ServiceAccountPage"
  | "Credential"
  | "CredentialWithSecret"
  | "CredentialPage"
  | "Token";
/** The body of a response with that schema. */
export type ResponseBody<Name extends ResponseName> = Schemas[Name];

type Validator = ((value: unknown) => boolean) & {
  errors?: readonly { instancePath: string; message?: string }[] | null;
};

/**
 * Parses and validates a response.
 *
 * @throws {MalformedResponseError} if it does not match the schema
 */
export function parseResponse<Name extends ResponseName>(
  request: HttpRequest,
  { status, text }: HttpResponse,
  name: Name,
): ResponseBody<Name> {
  const body = parseJson(text);
  const problem = body === undefined ? "not JSON" : validate(name, body);
  if (problem === undefined) return body as ResponseBody<Name>;
  // The error of a call that needed a token must not offer the token's response as the call's own.
  const kept = name === "Token" ? undefined : body;
  throw new MalformedResponseError({ ...failureOf(request, "unknown"), status }, problem, kept);
}

/** Returns the first violation of the schema without any value of the response, `undefined` if there is none. */
function validate(name: ResponseName, body: unknown): string | undefined {
  const validator: Validator = validators[name];
  if (validator(body)) return undefined;
  const { instancePath = "", message = "is not what the API describes" } = validator.errors?.[0] ?? {};
  // Below `permissions`, even the keys are values of the response.
  return `${instancePath.replace(/(\/permissions)\/.*/s, "$1") || "the body"} ${message}`;
}

/** Returns the text as JSON, `undefined` if it is not JSON. The parser's own message would quote the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Returns the error for a response with another status than 2xx. */
export function statusError(
  request: HttpRequest,
  { status, headers, text }: HttpResponse,
  redact: (text: string) => string,
): APIError {
  const retryAfter = parseRetryAfter(headers);
  const failure: Failure = {
    ...failureOf(request, outcomeOf(status)),
    status,
    ...parseError(parseJson(text), redact),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  const isRedirect = status >= 300 && status < 400;
  return new (errorClass(status))(
    failure,
    formatFailure(failure) + (isRedirect ? ": redirects are not followed" : ""),
    isRedirect ? "Set the endpoint to the API's own address." : undefined,
  );
}

/** A server that times out (408) or fails (5xx) may have acted; any other refusal proves that it has not. */
function outcomeOf(status: number): Outcome {
  return status === 408 || status >= 500 ? "unknown" : "rejected";
}

/** Returns a failure with a status in words, without the call. */
export function formatFailure({ status, code, apiMessage, retryAfter }: Partial<Failure>): string {
  return [
    `status ${status}`,
    code,
    apiMessage?.replace(/\.$/, ""),
    retryAfter === undefined ? undefined : `try again in ${retryAfter} s`,
  ]
    .filter((part) => part !== undefined)
    .join(": ");
}

/** Returns code and message of an error's body, in Keycard's spelling or OAuth's. */
function parseError(body: unknown, redact: (text: string) => string): Pick<Failure, "code" | "apiMessage"> {
  const { message, code, error, error_description } = Object(body) as Record<string, unknown>;
  const text = [message, error_description].find((value) => typeof value === "string");
  const name = [code, error].find((value) => typeof value === "string");
  return { ...(name ? { code: redact(name) } : {}), ...(text ? { apiMessage: redact(text) } : {}) };
}

/**
 * Returns the seconds that a `Retry-After-Ms` or `Retry-After` asks to wait. A date is compared with the response's own `Date`, since the
 * clocks of server and client may differ.
 */
function parseRetryAfter(headers: HttpResponse["headers"]): number | undefined {
  const milliseconds = parseNumber(headers.get("retry-after-ms"));
  if (milliseconds !== undefined) return milliseconds / 1000;
  const header = headers.get("retry-after");
  const seconds = parseNumber(header);
  if (seconds !== undefined || header === null) return seconds;
  const [until, now] = [parseDate(header), parseDate(headers.get("date"))];
  return until === undefined ? undefined : Math.max(0, Math.ceil((until - (now ?? Date.now())) / 1000));
}

function parseNumber(header: string | null): number | undefined {
  return header !== null && /^\d+(\.\d+)?$/.test(header.trim())
    ? Math.min(Number(header), Number.MAX_SAFE_INTEGER)
    : undefined;
}

function parseDate(header: string | null): number | undefined {
  const date = header !== null && /GMT$/.test(header.trim()) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : date;
}
