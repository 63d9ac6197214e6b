import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ConnectionCut } from "./errors";

/** Bodies beyond this many bytes are refused. */
export const MAX_BODY = 1024 * 1024;

/** An HTTP request without its body. */
export interface Head {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/** An HTTP request, read to its end and not looked into yet. */
export interface Call extends Head {
  /** Undefined when there was more of it than is accepted. */
  body: Buffer | undefined;
}

/** What is answered to a call; a body goes out as JSON. */
export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** What happens to the body on its way. */
  spoiled?: "malformed" | "truncated";
}

/** Splits a request target into its path and its query. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const mark = target.indexOf("?");
  if (mark < 0) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/**
 * Reads the body to its end even when it is too large: a client that is still sending would not see the refusal.
 *
 * @throws ConnectionCut when the client goes away meanwhile
 */
export async function readBody(message: IncomingMessage): Promise<Call["body"]> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
    }
  } catch {
    throw new ConnectionCut();
  }
  return size <= MAX_BODY ? Buffer.concat(chunks) : undefined;
}
