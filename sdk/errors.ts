/** What every error of this client is. */
export class KeycardError extends Error {
  constructor(message: string) {
    super(message);
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true });
  }

  /** Name, message and the public fields; nothing else of an error is safe to write down. */
  toJSON(): Record<string, unknown> {
    return { ...(this as object), name: this.name, message: this.message };
  }
}

/** A setting is missing or cannot be used. Nothing was sent. */
export class ConfigurationError extends KeycardError {}

/** An argument of a call cannot be used, such as an empty ID. Nothing was sent. */
export class ArgumentError extends KeycardError {}

/** Which call failed, and what is known about it. */
export interface Failure {
  /** HTTP method. */
  readonly method: string;
  /** Path below the endpoint, without the query. */
  readonly path: string;
  /** The `X-Client-Request-ID` that was sent. */
  readonly requestId: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** The API's code for the error; for a connection error the system's, such as `ECONNRESET`. */
  readonly code?: string;
  /** The API's own words. */
  readonly apiMessage?: string;
  /** Seconds that the server asks to wait (`Retry-After`). */
  readonly retryAfter?: number;
}

/**
 * A call failed. The classes below tell how; this one itself stands for the statuses that have none of their
 * own.
 */
export class APIError extends KeycardError implements Failure {
  declare readonly method: string;
  declare readonly path: string;
  declare readonly requestId: string;
  declare readonly status?: number;
  declare readonly code?: string;
  declare readonly apiMessage?: string;
  declare readonly retryAfter?: number;

  constructor(failure: Failure, what: string) {
    super(`${failure.method} ${failure.path}: ${what} (request ID ${failure.requestId})`);
    Object.assign(this, failure);
  }
}

/** 400: the API does not understand the request. */
export class BadRequestError extends APIError {}
/** 401: the credentials are not accepted; also when signing in with them failed. */
export class AuthenticationError extends APIError {}
/** 403: the credentials do not allow this. */
export class PermissionDeniedError extends APIError {}
/** 404: there is no such thing, or the credentials may not know of it. */
export class NotFoundError extends APIError {}
/** 409: it does not go with the state that the thing is in. */
export class ConflictError extends APIError {}
/** 422: understood, but a value is not acceptable. */
export class UnprocessableEntityError extends APIError {}
/**
 * 429: too many requests. `retryAfter` tells how many seconds to wait, where the server says so. Without a `status` the
 * call was not even sent, because others were refused for long.
 */
export class RateLimitError extends APIError {}
/** 5xx: the server failed. Unless the call only reads, it may have acted. */
export class InternalServerError extends APIError {}

/**
 * No answer, or only a part of one. Unless `code` tells that no connection was made, the server may have
 * acted.
 */
export class APIConnectionError extends APIError {}
/** No answer within `timeout`. The server may have acted. */
export class APIConnectionTimeoutError extends APIConnectionError {}
/** The caller's `AbortSignal` ended the call. The server may have acted. */
export class APIUserAbortError extends APIError {}

/** The server acted, but its answer is not what the API describes. */
export class MalformedResponseError extends APIError {
  // Private to the language: an answer may hold a secret, and nothing that prints or copies an error finds it
  // here.
  readonly #response: unknown;

  constructor(failure: Failure, what: string, answer?: unknown) {
    super(failure, `malformed answer: ${what}`);
    this.#response = answer;
  }

  /** The answer's body as parsed JSON, `undefined` if it is none. **It may hold a new client secret.** */
  response(): unknown {
    return this.#response;
  }
}

type StatusError = new (failure: Failure, what: string) => APIError;

const BY_STATUS: Readonly<Record<number, StatusError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  422: UnprocessableEntityError,
  429: RateLimitError,
};

/** The class for a status that is no success. */
export function errorClass(status: number): StatusError {
  return status >= 500 ? InternalServerError : (BY_STATUS[status] ?? APIError);
}
