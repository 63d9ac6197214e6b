import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Authorization } from "../auth/clientCredentials";
import {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  KeycardError,
  MalformedResponseError,
  NotFoundError,
  combineOutcomes,
  withOutcome,
} from "../errors";
import type { Outcome } from "../errors";
import { checkRetries, checkTimeout } from "../options";
import type { Query, RequestOptions, Settings } from "../options";
import type { WithResponse } from "./apiPromise";
import { headersFor, send } from "./request";
import { parseResponse } from "./response";
import type { ResponseBody, ResponseName } from "./response";
import { retry } from "./retry";
import { ABORTED, failureOf } from "./transport";
import type { HttpRequest, HttpResponse } from "./transport";

/** A call of the API. */
export interface Call<Name extends ResponseName | undefined> {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the endpoint, encoded. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  /** The schema of the response; `undefined` if the response is not read. */
  readonly response: Name;
  /** Returns what is wrong with a response that matches the schema, if anything. */
  readonly check?: (response: CallResult<Name>) => string | undefined;
  readonly requestId: string | undefined;
  readonly options: RequestOptions | undefined;
}

/** The result of a call. */
export type CallResult<Name extends ResponseName | undefined> = Name extends ResponseName
  ? ResponseBody<Name>
  : undefined;

/** Makes calls for the resources. */
export type Caller = <Name extends ResponseName | undefined>(
  call: Call<Name>,
) => Promise<WithResponse<CallResult<Name>>>;

/** Carries a failed sign-in past the retries of the call: the sign-in has already been retried. */
class SignInFailure {
  constructor(readonly error: unknown) {}
}

/** Makes one call: signs in if necessary, retries if that is safe, validates the response. */
export async function makeCall<Name extends ResponseName | undefined>(
  settings: Settings,
  authorization: Authorization,
  call: Call<Name>,
): Promise<WithResponse<CallResult<Name>>> {
  const request = requestFor(settings, authorization, call);
  const attempts = new Attempts(settings, authorization, request);
  const attempt = () =>
    attempts.next((response) => ({
      data: readResponse(request, response, call),
      response: toResponse(response),
    }));
  try {
    request.signal?.throwIfAborted();
    // Each of any number of calls listens to it; Node would warn of a leak from the eleventh on.
    if (request.signal) setMaxListeners(0, request.signal);
    return (await retry(attempt, {
      ...settings,
      maxRetries: checkRetries(call.options?.maxRetries ?? settings.maxRetries),
      signal: request.signal,
      idempotent: call.method !== "POST",
    })) as WithResponse<CallResult<Name>>;
  } catch (thrown) {
    const error = thrown instanceof SignInFailure ? thrown.error : thrown;
    if (error instanceof APIError) throw withOutcome(error, attempts.outcome);
    // The signal has ended a wait: for the token, for the rate limiter or for the next attempt.
    if (!request.signal?.aborted || error instanceof KeycardError) throw error;
    throw new APIUserAbortError(failureOf(request, attempts.outcome), ABORTED);
  }
}

/** The attempts of one call. */
class Attempts {
  /** The outcome of all attempts so far. */
  outcome: Outcome = "not-sent";
  #count = 0;
  #renewedToken = false;

  constructor(
    private readonly settings: Settings,
    private readonly authorization: Authorization,
    private readonly request: HttpRequest,
  ) {}

  /** Makes the next attempt, and a second one with a new token if the API refuses the first one's token. */
  async next<T>(read: (response: HttpResponse) => WithResponse<T>): Promise<WithResponse<T | undefined>> {
    const token = await this.#token();
    try {
      return await this.#send(token, read);
    } catch (error) {
      if (!(error instanceof AuthenticationError) || this.#renewedToken) throw error;
      if (!this.authorization.invalidate(token)) throw error;
    }
    this.#renewedToken = true;
    const { method, path } = this.request;
    this.settings.log.info(`${method} ${path}: the API rejected the token; signing in again`);
    return this.#send(await this.#token(), read);
  }

  async #token(): Promise<string> {
    try {
      return await this.authorization.token(this.request.signal);
    } catch (error) {
      throw new SignInFailure(error);
    }
  }

  async #send<T>(
    token: string,
    read: (response: HttpResponse) => WithResponse<T>,
  ): Promise<WithResponse<T | undefined>> {
    const { request, outcome: earlier } = this;
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const urgent = this.#count > 0;
    try {
      return read(await send(this.settings, { ...request, headers, urgent, attempt: ++this.#count }));
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      // An earlier attempt deleted it, and its response was lost.
      if (earlier === "unknown" && request.method === "DELETE" && isNotFound(error))
        return { data: undefined, response: new Response(null, { status: 204 }) };
      this.outcome = combineOutcomes(earlier, error.outcome);
      throw error;
    }
  }
}

/** Returns a response as Node's own `fetch` does, with a body that has not been read. */
function toResponse({ status, headers, text }: HttpResponse): Response {
  const pairs = Symbol.iterator in headers ? [...(headers as Iterable<[string, string]>)] : [];
  return new Response(text === "" ? null : text, { status, headers: pairs });
}

function readResponse<Name extends ResponseName | undefined>(
  request: HttpRequest,
  response: HttpResponse,
  call: Call<Name>,
): CallResult<Name> | undefined {
  if (call.response === undefined) return undefined;
  const body = parseResponse(request, response, call.response) as CallResult<Name>;
  const problem = call.check?.(body);
  if (problem === undefined) return body;
  throw new MalformedResponseError(
    { ...failureOf(request, "unknown"), status: response.status },
    problem,
    body,
  );
}

/** Reports whether an error is a 404 of the API itself: a 404 without the API's error code may come from a proxy. */
export function isNotFound(error: unknown): error is NotFoundError {
  return error instanceof NotFoundError && error.code !== undefined;
}

/** Reports whether an error leaves open if the server acted on the call. */
export function isOutcomeUnknown(error: unknown): error is APIError {
  return error instanceof APIError && error.outcome === "unknown";
}

/** Returns a check that the response is about the object that was asked for. */
export function hasId(id: string): (response: { id: string }) => string | undefined {
  return (response) => (response.id === id ? undefined : "/id is not the ID that was requested");
}

function requestFor(
  settings: Settings,
  { secrets }: Authorization,
  {
    method,
    path,
    query,
    body,
    requestId = randomUUID(),
    options,
  }: Omit<Call<undefined>, "response" | "check">,
): HttpRequest {
  return {
    method,
    path,
    requestId,
    url: `${settings.baseURL}${path}${formatQuery({ ...settings.query, ...query, ...options?.query })}`,
    headers: headersFor(settings, requestId, body && "application/json", options?.headers),
    ...(body ? { body: JSON.stringify(body) } : {}),
    newConnection: method === "POST",
    timeout: checkTimeout(options?.timeout ?? settings.timeout),
    signal: options?.signal,
    attempt: 1,
    urgent: false,
    secrets,
  };
}

function formatQuery(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((item): [string, string] => [name, String(item)]),
  );
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : "";
}
