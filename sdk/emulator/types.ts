import type { operations } from "../generated/api";

/** An `operationId` of openapi.yaml. */
export type OperationId = keyof operations;

/**
 * The body of `POST /_emulator/faults`: the calls that fail, and how. Requires exactly one of `status`, `delayMs`, `reset` and
 * `body`. A fault affects every call of its operation, even one that would be refused.
 */
export interface FaultRule {
  /** `*` means all but `token`. */
  operation: OperationId | "*";
  /** Calls to let pass before the first fault. Default 0. */
  skip?: number;
  /** Calls to fail. Default 1. */
  times?: number;
  /** Responds with this status, 400 to 599, without acting. */
  status?: number;
  /** The `Retry-After` of that response: seconds, or an HTTP date. */
  retryAfter?: number | string;
  /** Waits that many milliseconds before acting, or with `commit` between acting and responding. */
  delayMs?: number;
  /** Cuts the connection without acting. */
  reset?: true;
  /**
   * Acts, and damages the body of the response, so that the caller learns neither ID nor secret:
   *
   * - `malformed`: the response's own status, with text that is not JSON.
   * - `truncated`: the response's own status and Content-Length, but the connection is cut in the middle of the body.
   *
   * A response without a body (204) becomes a 200 with an empty object first.
   */
  body?: "malformed" | "truncated";
  /**
   * Acts before the fault, so that only the response is lost. Not allowed with a 4xx `status`, which means that the server did
   * not act; makes no difference with `body`.
   */
  commit?: true;
}

/** A call in the response of `GET /_emulator/requests`. */
export interface LoggedRequest {
  /** Time of arrival; RFC 3339, UTC. */
  readonly time: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Null if method and path match no operation. */
  operation: OperationId | null;
  /**
   * Null without a response: the connection was cut, by a fault or by the client, or the call is still in progress. A truncated
   * response has its status.
   */
  status: number | null;
  /** The X-Client-Request-ID; null if it is missing or not a UUID. */
  readonly requestId: string | null;
}
