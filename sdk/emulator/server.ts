import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { UUID } from "./api";
import { ApiError, ConnectionCut, badRequest } from "./errors";
import type { Request, Response } from "./http";
import { readBody } from "./http";
import { control, isControl } from "./routes/control";
import type { Service } from "./service";
import type { LoggedRequest } from "./types";

/** Calls that the log keeps at least; older ones may be dropped. */
const LOG_LENGTH = 100_000;

/**
 * Connects a service to an HTTP server: reads requests, logs calls, sends responses.
 *
 * @param stopped aborts when the emulator stops, and ends delayed calls
 */
export function serve(server: Server, service: Service, stopped: AbortSignal): void {
  const log: LoggedRequest[] = [];
  const { store } = service;
  server.on("request", async (message: IncomingMessage, serverResponse: ServerResponse) => {
    const { method = "", url = "", headers } = message;
    const [path = "", search] = url.split(/\?(.*)/s);
    const head = { method, path, query: new URLSearchParams(search), headers };
    if (isControl(head)) {
      const { faults } = service;
      const act = async (body: Request["body"]) => control({ ...head, body }, { faults, store, log });
      return send(message, serverResponse, await respond(message, act), store.now());
    }
    const requestId = requestIdOf(message);
    const logged = addTo(log, { time: new Date(store.now()).toISOString(), method, path, requestId });
    const response = await respond(message, (body) => service.handle({ ...head, body }, logged, stopped));
    // Before it is sent, so that the log is complete for a client that has the response.
    if (response && !message.socket.destroyed) logged.status = response.status;
    return send(message, serverResponse, response, store.now(), requestId);
  });
  server.on("clientError", refuseInvalidHttp);
}

function addTo(
  log: LoggedRequest[],
  call: Pick<LoggedRequest, "time" | "method" | "path" | "requestId">,
): LoggedRequest {
  const logged = { ...call, operation: null, status: null };
  if (log.length >= 2 * LOG_LENGTH) log.splice(0, LOG_LENGTH);
  log.push(logged);
  return logged;
}

/** Returns the response, refusals included, or `undefined` to cut the connection. */
async function respond(
  message: IncomingMessage,
  act: (body: Request["body"]) => Promise<Response>,
): Promise<Response | undefined> {
  try {
    return await act(await readBody(message));
  } catch (error) {
    if (error instanceof ConnectionCut) return undefined;
    if (error instanceof ApiError) return error;
    process.stderr.write(`keycard emulator: ${message.method} failed: ${(error as Error).stack}\n`);
    return new ApiError(500, "internal_error", "The emulator failed. Its standard error shows the reason.");
  }
}

function send(
  message: IncomingMessage,
  serverResponse: ServerResponse,
  response: Response | undefined,
  now: number,
  requestId: string | null = null,
): void {
  if (!response) {
    message.socket.resetAndDestroy();
    return;
  }
  const { body: content, damage } = response;
  const text = damage === "malformed" ? "This is not JSON." : JSON.stringify(content);
  const body = content === undefined ? undefined : Buffer.from(text);
  serverResponse.writeHead(response.status, {
    Date: new Date(now).toUTCString(),
    ...response.headers,
    ...(requestId !== null && { "X-Client-Request-ID": requestId }),
    ...(body && { "Content-Type": "application/json", "Content-Length": body.length }),
  });
  if (body && damage === "truncated") {
    // Cuts the connection only when this half is sent: a reset could overtake it, and even the status would be lost.
    serverResponse.write(body.subarray(0, body.length >> 1), () => message.socket.destroySoon());
  } else serverResponse.end(body);
}

function requestIdOf({ headers }: IncomingMessage): string | null {
  const id = headers["x-client-request-id"];
  return typeof id === "string" && UUID.test(id) ? id : null;
}

/** Sends the documented error for what is not valid HTTP, and closes the connection. */
function refuseInvalidHttp(_error: Error, socket: Duplex): void {
  if (!socket.writable) return socket.destroy() && undefined;
  const { status, body } = badRequest("This is not a valid HTTP request.");
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
