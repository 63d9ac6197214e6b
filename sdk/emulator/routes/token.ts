import type { ApiRequest, Reply } from "../api";
import { ApiError } from "../errors";
import type { Store } from "../store";
import type { Tokens } from "../tokens";

interface Presented {
  id: string;
  secret: string;
}

/** The token operation: OAuth 2.0 client credentials (RFC 6749, section 4.4). */
export function signIn(
  store: Store,
  tokens: Tokens,
  { authorization, body }: ApiRequest<"token">,
): Reply<"token"> {
  const inForm = body.client_id !== undefined || body.client_secret !== undefined;
  if (authorization !== undefined && inForm) {
    throw new ApiError(
      400,
      "invalid_request",
      "Give ID and secret by HTTP Basic or in the form, not by both.",
    );
  }
  const presented =
    authorization === undefined ? fromForm(body.client_id, body.client_secret) : fromBasic(authorization);
  const client = presented && store.findClient(presented.id, presented.secret);
  if (!client) {
    throw new ApiError(401, "invalid_client", "A known client ID and its secret are required.", {
      "WWW-Authenticate": 'Basic realm="Keycard emulator"',
    });
  }
  store.touch(client);
  return {
    status: 200,
    headers: { "Cache-Control": "no-store" },
    body: { access_token: tokens.issue(client), token_type: "Bearer", expires_in: tokens.lifetime },
  };
}

/**
 * Lets a call pass that the client which the emulator starts with makes, and no other.
 *
 * @throws ApiError 401 without a valid token, 403 with one of a service account: those are granted nothing here, since
 * how Keycard grants permissions is not part of this API
 */
export function authorize(tokens: Tokens, authorization: string | undefined): void {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
  const client = token === undefined ? undefined : tokens.find(token);
  if (!client) {
    throw new ApiError(
      401,
      "unauthorized",
      "A valid, unexpired token is required: `Authorization: Bearer …`.",
      {
        "WWW-Authenticate": token === undefined ? "Bearer" : 'Bearer error="invalid_token"',
      },
    );
  }
  if (client.credential) {
    throw new ApiError(403, "forbidden", "This service account has no permission for this operation.");
  }
}

function fromForm(id: string | undefined, secret: string | undefined): Presented | undefined {
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

function fromBasic(authorization: string): Presented | undefined {
  const encoded = /^Basic +([\w+/-]+=*)$/i.exec(authorization)?.[1];
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? "", "base64").toString()) ?? [];
  return id === undefined || secret === undefined
    ? undefined
    : { id: unescape(id), secret: unescape(secret) };
}

/** RFC 6749 encodes both parts like a form, most clients do not; no ID or secret of the emulator's makes a difference. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
