/** Any error of this client. `message` says what happened; apart from it, only an error's public fields are safe to print. */
export class KeycardError extends Error {
  /** Advice for the reader, as a complete sentence. */
  declare readonly hint?: string;

  constructor(message: string, hint?: string) {
    super(message);
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true });
    if (hint !== undefined) this.hint = hint;
  }

  /** Returns name, message and the public fields. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), name: this.name, message: this.message };
  }
}

/** A client option is missing or unusable. Nothing was sent. */
export class ConfigurationError extends KeycardError {
  /**
   * @param option the option of `ClientOptions` or `RequestOptions`, such as `baseURL`
   * @param problem what is wrong with it, without its name: other layers have names of their own for an option
   */
  constructor(
    readonly option: string,
    readonly problem: string,
    hint?: string,
  ) {
    super(`${option} ${problem}`, hint);
  }
}

/** An argument of a call is unusable, such as an empty ID. Nothing was sent. */
export class ArgumentError extends KeycardError {}

/**
 * The effect of a failed call at the server, over all its attempts:
 *
 * - `not-sent`: no request reached the server. It did not act.
 * - `rejected`: the server refused the call. It did not act.
 * - `unknown`: the server may have acted, in the last attempt or in an earlier one.
 */
export type Outcome = (typeof OUTCOMES)[number];
const OUTCOMES = ["not-sent", "rejected", "unknown"] as const;

/** Returns the outcome of two attempts together: the less certain of the two. */
export function combineOutcomes(first: Outcome, second: Outcome): Outcome {
  return OUTCOMES[Math.max(OUTCOMES.indexOf(first), OUTCOMES.indexOf(second))] ?? "unknown";
}

/** The call that failed, and what is known about the failure. */
export interface Failure {
  /** HTTP method. */
  readonly method: string;
  /** Path below the endpoint, without the query. */
  readonly path: string;
  /** The `X-Client-Request-ID` of the request. */
  readonly requestId: string;
  readonly outcome: Outcome;
  /** HTTP status, if there was a response. */
  readonly status?: number;
  /** The API's error code; for a connection error the system's, such as `ECONNRESET`. */
  readonly code?: string;
  /** The API's error message. */
  readonly apiMessage?: string;
  /** Seconds that the server asks to wait (`Retry-After`). */
  readonly retryAfter?: number;
}

/** A call failed. Statuses without a class of their own have this one. */
export class APIError extends KeycardError implements Failure {
  declare readonly method: string;
  declare readonly path: string;
  declare readonly requestId: string;
  declare readonly outcome: Outcome;
  declare readonly status?: number;
  declare readonly code?: string;
  declare readonly apiMessage?: string;
  declare readonly retryAfter?: number;

  constructor(failure: Failure, problem: string, hint?: string) {
    super(`${failure.method} ${failure.path} failed: ${problem} (request ID ${failure.requestId})`, hint);
    Object.assign(this, failure);
  }
}

/** 400: the API does not understand the request. */
export class BadRequestError extends APIError {}
/** 401: the API does not accept the credentials. */
export class AuthenticationError extends APIError {}
/** The token request was refused with any 4xx status, so no call could be authorized. */
export class SignInError extends AuthenticationError {}
/** 403: the credentials lack a permission. */
export class PermissionDeniedError extends APIError {}
/** 404: the object does not exist, or the credentials cannot access it. */
export class NotFoundError extends APIError {}
/** 409: the call conflicts with the object's state. */
export class ConflictError extends APIError {}
/** 422: the API understands the request, but refuses a value. */
export class UnprocessableEntityError extends APIError {}
/**
 * 429: too many requests. `retryAfter` is the wait in seconds, if the server gives one. Without a `status`, the call was not
 * sent, because the server had been refusing other calls for a long time.
 */
export class RateLimitError extends APIError {}
/** 5xx: the server failed, and may have acted. */
export class InternalServerError extends APIError {}

/** No complete response was received. */
export class APIConnectionError extends APIError {}
/** No complete response was received within `timeout`. */
export class APIConnectionTimeoutError extends APIConnectionError {}
/** The caller's `AbortSignal` ended the call. */
export class APIUserAbortError extends APIError {}

/** The server reported success, but the response is not what the API describes. */
export class MalformedResponseError extends APIError {
  // Private to the language: a response may hold a secret, which nothing that prints or copies an error may find.
  readonly #response: unknown;

  constructor(failure: Failure, problem: string, response?: unknown) {
    super(failure, `malformed response: ${problem}`);
    this.#response = response;
  }

  /** Returns the response's body as parsed JSON, `undefined` if it is not JSON. **It may hold a new client secret.** */
  response(): unknown {
    return this.#response;
  }
}

type APIErrorClass = new (failure: Failure, problem: string, hint?: string) => APIError;

/** Returns the error with another outcome: a copy, since calls that wait for the same sign-in fail with the same error. */
export function withOutcome(error: APIError, outcome: Outcome): APIError {
  if (error.outcome === outcome) return error;
  const copy = new (error.constructor as APIErrorClass)({ ...error, outcome }, "", error.hint);
  return Object.defineProperties(copy, { message: { value: error.message }, stack: { value: error.stack } });
}

const BY_STATUS: Readonly<Record<number, APIErrorClass>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  422: UnprocessableEntityError,
  429: RateLimitError,
};

/** Returns the error class for a status other than 2xx. */
export function errorClass(status: number): APIErrorClass {
  return status >= 500 ? InternalServerError : (BY_STATUS[status] ?? APIError);
}
