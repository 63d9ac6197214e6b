/** A proxy in front of emulators, for what no single well-behaved server does. */
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Answer {
  status: number;
  /** JSON, or anything else as text. */
  body: unknown;
  headers?: Record<string, string>;
}

interface Call {
  method: string;
  path: string;
}

/** Where a call goes, and what it is authorized with there in place of what it came with. */
interface Target {
  endpoint: string;
  authorizeAs?: string;
}

export interface Proxy {
  endpoint: string;
  close(): void;
}

/**
 * @param target the server behind the proxy, or one for each call
 * @param answer answers a call, with or without letting the server behind it `act`
 */
export async function tamper(
  target: Target | ((call: Call) => Target),
  answer: (call: Call, act: () => Promise<Answer>) => Promise<Answer> = (_call, act) => act(),
): Promise<Proxy> {
  const server = createServer((request, response) => {
    const call = { method: request.method ?? "", path: request.url ?? "" };
    const act = () => forward(typeof target === "function" ? target(call) : target, request);
    void answer(call, act).then(({ status, body, headers }) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
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

async function forward({ endpoint, authorizeAs }: Target, request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { authorization, "content-type": type } = request.headers;
  const authorized = authorizeAs === undefined ? authorization : `Bearer ${authorizeAs}`;
  const response = await fetch(endpoint + String(request.url), {
    method: request.method ?? "GET",
    headers: {
      ...(authorized ? { authorization: authorized } : {}),
      ...(type ? { "content-type": type } : {}),
    },
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text) };
}
