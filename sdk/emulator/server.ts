import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { isUuid } from "./api";
import type { Answer, Call } from "./calls";
import { readBody, splitTarget } from "./calls";
import { control, isControl } from "./routes/control";
import { ApiError, badRequest, ConnectionCut } from "./errors";
import { RequestLog } from "./requestLog";
import type { Service } from "./service";

/**
 * Puts a service behind an HTTP server: reads calls, logs them, writes answers.
 *
 * @param stopped ends what is still waiting when the emulator stops
 */
export function answerCalls(server: Server, service: Service, stopped: AbortSignal): void {
  const log = new RequestLog();
  server.on("request", async (message: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "", headers } = message;
    const head = { method, ...splitTarget(url), headers };
    if (isControl(head)) {
      const answer = await settle(message, async (body) => control({ ...head, body }, service.faults, log));
      return send(message, response, answer);
    }
    const requestId = requestIdOf(message);
    const logged = log.add({ method, path: head.path, requestId });
    const answer = await settle(message, (body) => service.answer({ ...head, body }, logged, stopped));
    // Before it is sent, so that who has the answer finds it in the log.
    if (answer && !message.socket.destroyed) logged.status = answer.status;
    return send(message, response, answer, requestId);
  });
  server.on("clientError", refuseGarbage);
}

/** What is answered, refusals included; undefined when the connection is to be cut. */
async function settle(
  message: IncomingMessage,
  act: (body: Call["body"]) => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await act(await readBody(message));
  } catch (error) {
    if (error instanceof ConnectionCut) return undefined;
    if (error instanceof ApiError) return error;
    process.stderr.write(`keycard emulator: ${message.method} failed: ${(error as Error).stack}\n`);
    return new ApiError(500, "internal_error", "The emulator failed; its standard error tells why.");
  }
}

function send(
  message: IncomingMessage,
  response: ServerResponse,
  answer: Answer | undefined,
  requestId: string | null = null,
): void {
  if (!answer) {
    message.socket.resetAndDestroy();
    return;
  }
  const body = bodyOf(answer);
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(requestId !== null && { "X-Client-Request-ID": requestId }),
    ...(body && { "Content-Type": "application/json", "Content-Length": body.length }),
  });
  if (body && answer.spoiled === "truncated") {
    // Cut once this half is on its way: a reset could overtake it, and the client would not see even the status.
    response.write(body.subarray(0, body.length >> 1), () => message.socket.destroySoon());
  } else response.end(body);
}

function bodyOf({ body, spoiled }: Answer): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.from(spoiled === "malformed" ? "This is not JSON." : JSON.stringify(body));
}

function requestIdOf({ headers }: IncomingMessage): string | null {
  const id = headers["x-client-request-id"];
  return typeof id === "string" && isUuid(id) ? id : null;
}

/** What is not even HTTP gets the documented error too, and no second chance on its connection. */
function refuseGarbage(_error: Error, socket: Duplex): void {
  if (!socket.writable) return socket.destroy() && undefined;
  const { status, body } = badRequest("This is not a valid HTTP request.");
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
