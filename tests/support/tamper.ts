/** A proxy in front of emulators, for responses that the emulator never sends. */
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Emulator } from "pulumi-keycard/emulator";

interface TamperedResponse {
  status: number;
  /** JSON; a string is sent as it is. */
  body: unknown;
  headers?: Record<string, string>;
}

interface Call {
  method: string;
  path: string;
}

interface Destination {
  endpoint: string;
  /** The token to send in place of the caller's own. */
  authorizeAs?: string;
}

/** The server behind the proxy, or one for each call. */
export type Target = Destination | ((call: Call) => Destination);

/** Responds to a call, with or without letting the server behind the proxy `act`. */
export type Respond = (call: Call, act: () => Promise<TamperedResponse>) => Promise<TamperedResponse>;

/** Lets calls for the organization of another emulator reach that one. */
export function twoOrganizations({ endpoint }: Emulator, other: Emulator): Target {
  const elsewhere = { endpoint: other.endpoint, authorizeAs: other.apiKey };
  return ({ path }) => (path.includes(`/${other.organizationId}/`) ? elsewhere : { endpoint });
}

export interface Proxy {
  endpoint: string;
  close(): void;
}

export async function tamper(target: Target, respond: Respond = (_call, act) => act()): Promise<Proxy> {
  const server = createServer((request, response) => {
    const call = { method: request.method ?? "", path: request.url ?? "" };
    const act = () => forward(typeof target === "function" ? target(call) : target, request);
    void respond(call, act).then(({ status, body, headers }) => {
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

async function forward(
  { endpoint, authorizeAs }: Destination,
  request: IncomingMessage,
): Promise<TamperedResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { authorization, "content-type": type } = request.headers;
  const isToken = authorization?.startsWith("Bearer ");
  const authorized = isToken && authorizeAs !== undefined ? `Bearer ${authorizeAs}` : authorization;
  const response = await fetch(endpoint + String(request.url), {
    method: request.method ?? "GET",
    headers: {
      ...(authorized ? { authorization: authorized } : {}),
      ...(type ? { "content-type": type } : {}),
    },
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
  });
  const text = await response.text();
  // The clock of the server behind the proxy may be ahead.
  const date = response.headers.get("date") ?? "";
  return { status: response.status, body: text && JSON.parse(text), headers: { date } };
}
