import type { operations } from "../generated/api";

/** An operation, as openapi.yaml names it. */
export type OperationId = keyof operations;

/**
 * What `POST /_emulator/faults` takes: which calls fail, and how. Exactly one of `status`, `delayMs`, `reset` and `body`.
 * A fault hits every call of its operation, even one that would be refused.
 */
export interface FaultRule {
  /** `*` for all but the token. */
  operation: OperationId | "*";
  /** How many calls pass before the first is hit; default 0. */
  skip?: number;
  /** How many calls are hit; default 1. */
  times?: number;
  /** Answers this, 400 to 599, without acting; from 500 on, `commit` makes it act first. */
  status?: number;
  /** The Retry-After that goes with `status`: seconds, or an HTTP date. */
  retryAfter?: number | string;
  /** Waits so many milliseconds, then acts and answers as usual; with `commit`, acts at once and answers so much later. */
  delayMs?: number;
  /** Cuts the connection without acting; with `commit`, acts and then cuts it. */
  reset?: true;
  /**
   * Acts, and spoils the answer on its way: the caller cannot tell what was made, nor a secret that was told this once.
   *
   * - `malformed`: the answer's own status, with text that is not JSON.
   * - `truncated`: the answer's own status and Content-Length, but the connection is cut in the middle of the body.
   *
   * Where there is no body to spoil (204), it is that of a 200 with an empty object.
   */
  body?: "malformed" | "truncated";
  /**
   * Acts on the call before it fails, so that what was done is done and only the answer is lost. Not with a 4xx `status`,
   * which says that the call was not acted on; with `body`, which acts anyway, it makes no difference.
   */
  commit?: true;
}

/** A call of the API, as `GET /_emulator/requests` tells it. */
export interface LoggedRequest {
  /** When it arrived; RFC 3339, UTC. */
  readonly time: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The operationId; null when method and path name no operation. */
  operation: OperationId | null;
  /**
   * Null when nothing was answered: the connection was cut, by a fault or by the client, or the call is still going on. Of an
   * answer that was cut off in the middle, its status.
   */
  status: number | null;
  /** Its X-Client-Request-ID; null without one, or when it was no UUID. */
  readonly requestId: string | null;
}
