import { randomUUID } from "node:crypto";
import type { Answer, AnswerName } from "./response";
import {
  APIError,
  APIUserAbortError,
  ArgumentError,
  AuthenticationError,
  KeycardError,
  MalformedResponseError,
  NotFoundError,
} from "../errors";
import { checkedRetries, checkedTimeout } from "../options";
import type { Query, RequestOptions, Settings } from "../options";
import { headersOf, onWait, read, send } from "./request";
import { mayHaveActed, repeat, shouldRetry } from "./retry";
import { isOfSigningIn } from "../auth/clientCredentials";
import type { Authorization } from "../auth/clientCredentials";
import { Id as isId, OrganizationId as isOrganizationId } from "../generated/validators";
import { failureOf } from "./transport";
import type { Outgoing } from "./transport";

/** Characters of an ID or a label. */
const LONGEST_ID = 255;

/** A call of the API. */
export interface Call<Name extends AnswerName | undefined> {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the endpoint, encoded. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  /** What the answer must look like; `undefined` for one that is not read. */
  readonly answer: Name;
  /** What is wrong with an answer that has the shape, if anything. */
  readonly fault?: (answer: Answered<Name>) => string | undefined;
  readonly requestId: string | undefined;
  readonly options: RequestOptions | undefined;
}

/** What a call answers. */
export type Answered<Name extends AnswerName | undefined> = Name extends AnswerName
  ? Answer<Name>
  : undefined;

/** Makes calls: how resources reach the API. */
export type Caller = <Name extends AnswerName | undefined>(call: Call<Name>) => Promise<Answered<Name>>;

/** Makes one call: signs in if need be, repeats what may be repeated, checks the answer. */
export async function perform<Name extends AnswerName | undefined>(
  settings: Settings,
  authorization: Authorization,
  call: Call<Name>,
): Promise<Answered<Name>> {
  const request = requestOf(settings, call);
  const attempt = attempts(settings, authorization, request, (incoming) => {
    if (call.answer === undefined) return undefined;
    const answer = read(request, incoming, call.answer) as Answered<Name>;
    const fault = call.fault?.(answer);
    if (fault === undefined) return answer;
    throw new MalformedResponseError({ ...failureOf(request), status: incoming.status }, fault, answer);
  });
  try {
    request.signal?.throwIfAborted();
    return (await repeat(attempt, {
      maxRetries: checkedRetries(call.options?.maxRetries ?? settings.maxRetries),
      signal: request.signal,
      pace: settings.pace,
      // An error of another path is one of signing in, which has had repeats of its own.
      when: (error) =>
        error instanceof APIError &&
        error.path === request.path &&
        shouldRetry(error, call.method !== "POST"),
      onWait: onWait(settings),
    })) as Answered<Name>;
  } catch (error) {
    // Also a wait, for a token or for the next attempt, can be aborted.
    if (!request.signal?.aborted || error instanceof KeycardError) throw error;
    throw new APIUserAbortError(failureOf(request), "aborted by the caller");
  }
}

/** A function that makes the call's next attempt; what earlier ones met decides what an answer means. */
function attempts<T>(
  settings: Settings,
  authorization: Authorization,
  request: Outgoing,
  answerOf: (incoming: Awaited<ReturnType<typeof send>>) => T,
): () => Promise<T | undefined> {
  let sent = 0;
  let renewed = false;
  let acted = false;

  const once = async (token: string) => {
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const { secrets } = authorization;
    const urgent = sent > 0;
    return answerOf(await send(settings, { ...request, headers, attempt: ++sent, urgent, secrets }));
  };

  const authorized = async () => {
    const token = await authorization.token(request.signal);
    try {
      return await once(token);
    } catch (error) {
      if (!(error instanceof AuthenticationError) || renewed || !authorization.forget(token)) throw error;
    }
    renewed = true;
    settings.log.info(`${request.method} ${request.path}: the token was refused, signing in again`);
    return once(await authorization.token(request.signal));
  };

  return async () => {
    try {
      return await authorized();
    } catch (error) {
      // The answer to an earlier attempt was lost: it was that one which deleted what is now gone.
      if (acted && request.method === "DELETE" && isNotFound(error)) return undefined;
      if (!(error instanceof APIError)) throw error;
      // Before a sign-in has succeeded, nothing else was sent.
      acted ||= !isOfSigningIn(error) && (error instanceof MalformedResponseError || mayHaveActed(error));
      if (acted) AMBIGUOUS.add(error);
      throw error;
    }
  };
}

/** Errors of calls that the server may have acted on, in an earlier attempt if not in the last one. */
const AMBIGUOUS = new WeakSet<APIError>();

/** Whether the server may have done what a call asked for, although it failed: nobody knows, then, how things are. */
export function mayBeDone(error: unknown): error is APIError {
  return error instanceof APIError && AMBIGUOUS.has(error);
}

/** A 404 in the API's own words: one of a proxy, say, tells nothing about what was asked for. */
export function isNotFound(error: unknown): error is NotFoundError {
  return error instanceof NotFoundError && error.code !== undefined;
}

function requestOf(settings: Settings, call: Omit<Call<undefined>, "answer" | "fault">): Outgoing {
  const { method, path, query, body, options } = call;
  const requestId = call.requestId ?? randomUUID();
  return {
    method,
    path,
    requestId,
    url: `${settings.baseURL}${path}${queryOf({ ...settings.query, ...query, ...options?.query })}`,
    headers: headersOf(settings, requestId, body && "application/json", options?.headers),
    ...(body ? { body: JSON.stringify(body) } : {}),
    newConnection: method === "POST",
    timeout: checkedTimeout(options?.timeout ?? settings.timeout),
    signal: options?.signal,
  };
}

function queryOf(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((item): [string, string] => [name, String(item)]),
  );
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : "";
}

/**
 * A part of a path: an organization's ID or its label.
 * @throws {ArgumentError} if it is empty or too long, or would lead to another path
 */
export function segment(name: string, value: string): string {
  if (!isOrganizationId(value) || value === "." || value === "..") throw notAsGiven(name, value);
  try {
    return encodeURIComponent(value);
  } catch {
    throw new ArgumentError(`${name} is not well-formed Unicode`);
  }
}

/**
 * A part of a path: an ID that Keycard made.
 * @throws {ArgumentError} if it cannot be one; not every proxy would leave it the part of a path that it is
 */
export function idSegment(name: string, value: string): string {
  if (!isId(value)) throw notAsGiven(name, value);
  return value;
}

function notAsGiven(name: string, value: unknown): ArgumentError {
  const told = typeof value === "string" && value.length > LONGEST_ID ? "too long" : JSON.stringify(value);
  return new ArgumentError(`${name} is ${told ?? "missing"}: expected the one that Keycard gave`);
}

/** Tells an answer that is about something else than was asked for. */
export function otherThan(id: string): (answer: { id: string }) => string | undefined {
  return (answer) => (answer.id === id ? undefined : "/id is not the one that was asked for");
}
