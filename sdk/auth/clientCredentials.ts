import { randomUUID } from "node:crypto";
import { APIError, MalformedResponseError, SignInError, withOutcome } from "../errors";
import { headersFor, send } from "../http/request";
import { formatFailure, parseResponse } from "../http/response";
import { retry } from "../http/retry";
import { failureOf } from "../http/transport";
import type { HttpRequest } from "../http/transport";
import type { Settings } from "../options";
import type { Token, TokenSource } from "./token";

const PATH = "/service-account-token";

/** Authorizes calls. */
export interface Authorization {
  /** Texts to remove from errors. */
  readonly secrets: readonly string[];
  /** Returns the token to send. */
  token(signal: AbortSignal | undefined): Promise<string>;
  /** Discards a token that the API refused. Returns `false` if there is no way to get another one. */
  invalidate(token: string): boolean;
}

/** Returns an authorization with a ready-made token. */
export function apiKeyAuthorization(apiKey: string): Authorization {
  return { secrets: [apiKey], token: () => Promise.resolve(apiKey), invalidate: () => false };
}

/** Returns an authorization with OAuth 2.0 client credentials. */
export function clientCredentialsAuthorization(
  settings: Settings,
  tokens: TokenSource,
  clientID: string,
  clientSecret: string,
): Authorization {
  return {
    secrets: [clientSecret, basic(clientID, clientSecret)],
    token: (signal) => tokens.get(() => signIn(settings, clientID, clientSecret), signal),
    invalidate: (token) => {
      tokens.invalidate(token);
      return true;
    },
  };
}

// Not percent-encoded, although RFC 6749 asks for it: Keycard's own client does not do it either.
const basic = (clientID: string, clientSecret: string) =>
  Buffer.from(`${clientID}:${clientSecret}`).toString("base64");

/** Exchanges ID and secret for a token. All errors have the outcome `not-sent`: the call that needs the token was not sent. */
async function signIn(settings: Settings, clientID: string, clientSecret: string): Promise<Token> {
  const request = tokenRequest(settings, clientID, clientSecret);
  let attempts = 0;
  const attempt = async () => {
    const response = await send(settings, { ...request, attempt: ++attempts });
    const { access_token, token_type, expires_in } = parseResponse(request, response, "Token");
    if (token_type.toLowerCase() === "bearer") return { value: access_token, lifetime: expires_in * 1000 };
    throw new MalformedResponseError(failureOf(request, "not-sent"), "/token_type is not Bearer");
  };
  try {
    return await retry(attempt, { ...settings, idempotent: true });
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    if (!isRefusal(error.status)) throw withOutcome(error, "not-sent");
    throw new SignInError(
      { ...error, outcome: "not-sent" },
      `sign-in refused: ${formatFailure(error)}`,
      isAboutCredentials(error.status)
        ? "Check the client ID and the client secret."
        : "Check the endpoint: perhaps it is not that of Keycard's API.",
    );
  }
}

/** OAuth reports wrong credentials with 400 or 401, and 403 may mean a disabled client. */
export function isAboutCredentials(status = 0): boolean {
  return [400, 401, 403].includes(status);
}

/**
 * OAuth reports wrong credentials with 400 or 401. Other refusals concern the sign-in, too: a 404 above all must not be
 * mistaken for a 404 of the requested object, which would then count as deleted.
 */
function isRefusal(status = 0): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function tokenRequest(settings: Settings, clientID: string, clientSecret: string): HttpRequest {
  const requestId = randomUUID();
  const headers = headersFor(settings, requestId, "application/x-www-form-urlencoded");
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (clientID.includes(":")) {
    // In Basic authorization, the first colon ends the ID.
    form.set("client_id", clientID);
    form.set("client_secret", clientSecret);
  } else {
    headers["authorization"] = `Basic ${basic(clientID, clientSecret)}`;
  }
  return {
    method: "POST",
    path: PATH,
    requestId,
    url: settings.baseURL + PATH,
    headers,
    body: form.toString(),
    newConnection: false, // A second token does no harm.
    timeout: settings.timeout,
    signal: undefined, // Other calls may wait for the same token.
    attempt: 1,
    urgent: true,
    secrets: [clientSecret],
  };
}
