/** A proxy in front of the emulator that changes answers on their way, as no well-behaved server would send them. */
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

type Json = Record<string, unknown>;

export interface Proxy {
  endpoint: string;
  close(): void;
}

/** @param change what becomes of an answer to a call; the answer itself where it is to stay */
export async function tamper(
  target: string,
  change: (call: { method: string; path: string }, answer: Json) => Json,
): Promise<Proxy> {
  const server = createServer((request, response) => {
    void forward(target, request).then(async (answer) => {
      const text = await answer.text();
      const call = { method: request.method ?? "", path: request.url ?? "" };
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(text && JSON.stringify(change(call, JSON.parse(text) as Json)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function forward(target: string, request: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { authorization, "content-type": type } = request.headers;
  return fetch(target + String(request.url), {
    method: request.method ?? "GET",
    headers: { ...(authorization ? { authorization } : {}), ...(type ? { "content-type": type } : {}) },
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
}
