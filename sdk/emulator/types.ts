import type { operations } from "../generated/api";

/** An operation, as openapi.yaml names it. */
export type OperationId = keyof operations;

/** What `POST /_emulator/faults` takes: which calls fail, and how. Exactly one of `status`, `delayMs` and `reset`. */
export interface FaultRule {
  /** `*` for all but the token. */
  operation: OperationId | "*";
  /** How many calls pass before the first is hit; default 0. */
  skip?: number;
  /** How many calls are hit; default 1. */
  times?: number;
  /** Answers this without acting. */
  status?: number;
  /** The Retry-After that goes with `status`: seconds, or an HTTP date. */
  retryAfter?: number | string;
  /** Waits so many milliseconds, then acts and answers as usual. */
  delayMs?: number;
  /** Cuts the connection without acting. */
  reset?: true;
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
  /** Null when nothing was answered: the connection was cut, by a fault or by the client, or the call is still going on. */
  status: number | null;
  /** Its X-Client-Request-ID; null without one, or when it was no UUID. */
  readonly requestId: string | null;
}
