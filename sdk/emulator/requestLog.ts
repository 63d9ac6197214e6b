/** A call of the API, as `GET /_emulator/requests` tells it. */
export interface LoggedRequest {
  /** When it arrived; RFC 3339, UTC. */
  readonly time: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The operationId; null when method and path name no operation. */
  operation: string | null;
  /** Null when nothing was answered: the connection was cut, by a fault or by the client, or the call is still going on. */
  status: number | null;
  /** Its X-Client-Request-ID; null without one, or when it was no UUID. */
  readonly requestId: string | null;
}

const KEPT = 100_000;

/** The calls in the order in which they arrived; of more than 100,000, the oldest may be forgotten. */
export class RequestLog {
  private requests: LoggedRequest[] = [];

  add({ method, path, requestId }: Pick<LoggedRequest, "method" | "path" | "requestId">): LoggedRequest {
    const time = new Date().toISOString();
    const logged = { time, method, path, operation: null, status: null, requestId };
    if (this.requests.length >= 2 * KEPT) this.requests = this.requests.slice(-KEPT);
    this.requests.push(logged);
    return logged;
  }

  list(): readonly LoggedRequest[] {
    return this.requests;
  }
}
