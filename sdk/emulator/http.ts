import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ApiError, ConnectionCut, badRequest } from "./errors";

const MAX_BODY_BYTES = 1024 * 1024;

/** An HTTP request without its body. */
export interface RequestHead {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/** A complete HTTP request, not yet validated. */
export interface Request extends RequestHead {
  /** `undefined` if the body is too large. */
  body: Buffer | undefined;
}

/** A response. Its body is sent as JSON. */
export interface Response {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  /** How a fault rule damages the body. */
  damage?: "malformed" | "truncated";
}

/** The media types of request bodies in openapi.yaml. */
export type MediaType = "application/json" | "application/x-www-form-urlencoded";

/**
 * Reads the body to its end even if it is too large: a client that is still sending would not receive the refusal.
 *
 * @throws ConnectionCut if the client disconnects
 */
export async function readBody(message: IncomingMessage): Promise<Request["body"]> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    throw new ConnectionCut();
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : undefined;
}

/** @throws ApiError 400 for a malformed body, 413 for one that is too large, 415 for another media type */
export function parseBody(mediaType: MediaType, { headers, body }: Request): unknown {
  if (body === undefined)
    throw new ApiError(413, "too_large", `The body must have at most ${MAX_BODY_BYTES} bytes.`);
  if (body.length === 0) throw badRequest(`A body of the type ${mediaType} is required.`);
  const [type, ...parameters] = (headers["content-type"] ?? "").toLowerCase().split(/\s*;\s*/);
  const otherCharset = parameters.some((text) => /^charset=(?!"?utf-?8"?$)/.test(text));
  const encoded = (headers["content-encoding"] ?? "identity") !== "identity";
  if (type?.trim() !== mediaType || otherCharset || encoded) {
    const message = `The body must be of the type ${mediaType}, in plain UTF-8.`;
    throw new ApiError(415, "unsupported_media_type", message);
  }
  const text = decode(body);
  return mediaType === "application/json" ? parseJson(text) : parseForm(text);
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw badRequest("The body must be valid UTF-8.");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw badRequest("The body must be valid JSON.");
  }
}

function parseForm(text: string): unknown {
  const form = new URLSearchParams(text);
  const names = [...form.keys()];
  if (new Set(names).size < names.length) throw badRequest("The form must not give a parameter twice.");
  return Object.fromEntries(form);
}
