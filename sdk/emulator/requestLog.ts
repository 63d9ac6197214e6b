import type { LoggedRequest } from "./types";

const KEPT = 100_000;

/** The calls in the order in which they arrived; of more than 100,000, the oldest may be forgotten. */
export class RequestLog {
  private requests: LoggedRequest[] = [];

  add({ method, path, requestId }: Pick<LoggedRequest, "method" | "path" | "requestId">): LoggedRequest {
    const time = new Date().toISOString();
    const logged: LoggedRequest = { time, method, path, operation: null, status: null, requestId };
    if (this.requests.length >= 2 * KEPT) this.requests = this.requests.slice(-KEPT);
    this.requests.push(logged);
    return logged;
  }

  list(): readonly LoggedRequest[] {
    return this.requests;
  }
}
