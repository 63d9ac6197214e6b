import type { ApiRequest, ApiResponse } from "../api";
import { ApiError } from "../errors";
import type { Store } from "../store";

/** Client credentials as a request presents them. */
interface Presented {
  id: string;
  secret: string;
}

/** The token operation: OAuth 2.0 client credentials (RFC 6749, section 4.4). */
export function signIn(
  store: Store,
  tokenLifetime: number,
  { authorization, body }: ApiRequest<"token">,
): ApiResponse<"token"> {
  const inForm = body.client_id !== undefined || body.client_secret !== undefined;
  if (authorization !== undefined && inForm) {
    throw new ApiError(
      400,
      "invalid_request",
      "Send the client ID and secret either with HTTP Basic or in the form, not both.",
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
  store.recordUse(client);
  const access_token = store.addToken(client.id, tokenLifetime);
  return {
    status: 200,
    headers: { "Cache-Control": "no-store" },
    body: { access_token, token_type: "Bearer", expires_in: tokenLifetime },
  };
}

/**
 * Authorizes calls of the administrator only.
 *
 * @throws ApiError 401 without a valid token, 403 with a token of a service account: the API has no operation that grants
 * permissions
 */
export function authorize(store: Store, authorization: string | undefined): void {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
  const client = token === undefined ? undefined : store.findTokenClient(token);
  if (!client) {
    throw new ApiError(
      401,
      "unauthorized",
      "A valid, unexpired token is required: `Authorization: Bearer …`.",
      { "WWW-Authenticate": token === undefined ? "Bearer" : 'Bearer error="invalid_token"' },
    );
  }
  if (client.credential) {
    throw new ApiError(
      403,
      "forbidden",
      "In the emulator, service accounts have no permissions: sign in with the client ID that the emulator printed.",
    );
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

/** RFC 6749 requires percent-encoding here, and most clients omit it. The emulator's own IDs and secrets are the same either way. */
function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
