import type { Call } from "./calls";
import { MAX_BODY } from "./calls";
import { ApiError, badRequest } from "./errors";

/** The only two that openapi.yaml knows. */
export type MediaType = "application/json" | "application/x-www-form-urlencoded";

/**
 * What the call's body says.
 *
 * @throws ApiError 400 when it is malformed, 413 when it is too large, 415 when it is of another type
 */
export function parseBody(mediaType: MediaType, { headers, body }: Call): unknown {
  if (body === undefined) {
    throw new ApiError(413, "too_large", `The body must have at most ${MAX_BODY} bytes.`);
  }
  if (body.length === 0) throw badRequest(`A body of the type ${mediaType} is required.`);
  const [type, ...parameters] = (headers["content-type"] ?? "").toLowerCase().split(/\s*;\s*/);
  const otherCharset = parameters.some((text) => /^charset=(?!"?utf-?8"?$)/.test(text));
  const encoded = (headers["content-encoding"] ?? "identity") !== "identity";
  if (type?.trim() !== mediaType || otherCharset || encoded) {
    throw new ApiError(
      415,
      "unsupported_media_type",
      `The body must be of the type ${mediaType}, in plain UTF-8.`,
    );
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
