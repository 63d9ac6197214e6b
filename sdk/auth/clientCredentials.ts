import { randomUUID } from "node:crypto";
import { APIError, AuthenticationError, MalformedResponseError } from "../errors";
import type { Settings } from "../options";
import { headersOf, inWords, onWait, read, send } from "../http/request";
import type { SecretRequest } from "../http/request";
import { repeat, shouldRetry } from "../http/retry";
import type { Token, TokenSource } from "./token";
import { failureOf } from "../http/transport";

const PATH = "/service-account-token";

/** Whether it was signing in that failed, so that the call itself was not sent. */
export function isOfSigningIn(error: APIError): boolean {
  return error.path === PATH;
}

/** What calls are authorized with. */
export interface Authorization {
  /** What must not be told. */
  readonly secrets: readonly string[];
  /** A token to send. */
  token(signal: AbortSignal | undefined): Promise<string>;
  /** Gives up a token that was refused; `false` if there is no way to another. */
  forget(token: string): boolean;
}

/** Authorizes with a ready-made token. */
export function readyMade(apiKey: string): Authorization {
  return { secrets: [apiKey], token: () => Promise.resolve(apiKey), forget: () => false };
}

/** Authorizes with what signing in gives. */
export function signedIn(
  settings: Settings,
  tokens: TokenSource,
  clientID: string,
  clientSecret: string,
): Authorization {
  return {
    secrets: [clientSecret, basic(clientID, clientSecret)],
    token: (signal) => tokens.get(() => signIn(settings, clientID, clientSecret), signal),
    forget: (token) => {
      tokens.invalidate(token);
      return true;
    },
  };
}

// Keycard's own client does not percent-encode the two first either.
const basic = (clientID: string, clientSecret: string) =>
  Buffer.from(`${clientID}:${clientSecret}`).toString("base64");

/** Exchanges ID and secret for a token (OAuth 2.0 client credentials). */
async function signIn(settings: Settings, clientID: string, clientSecret: string): Promise<Token> {
  const request = requestOf(settings, clientID, clientSecret);
  let sent = 0;
  const attempt = async () => {
    const incoming = await send(settings, { ...request, attempt: ++sent });
    const { access_token, token_type, expires_in } = read(request, incoming, "Token");
    if (token_type.toLowerCase() === "bearer") return { value: access_token, lifetime: expires_in * 1000 };
    throw new MalformedResponseError(failureOf(request), "/token_type is not Bearer");
  };
  try {
    return await repeat(attempt, {
      maxRetries: settings.maxRetries,
      signal: request.signal,
      pace: settings.pace,
      when: (error) => shouldRetry(error, true),
      onWait: onWait(settings),
    });
  } catch (error) {
    if (!(error instanceof APIError) || !isRefusal(error.status)) throw error;
    throw new AuthenticationError(
      { ...error },
      `signing in failed: ${inWords(error)}; check the client ID and the client secret`,
    );
  }
}

/**
 * OAuth tells wrong credentials as 400 or as 401. Whatever else is refused here is of signing in, too: a 404 above all must
 * not pass for one of the thing that was asked for, which would then count as gone.
 */
function isRefusal(status = 0): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function requestOf(
  settings: Settings,
  clientID: string,
  clientSecret: string,
): Omit<SecretRequest, "attempt"> {
  const requestId = randomUUID();
  const headers = headersOf(settings, requestId, "application/x-www-form-urlencoded");
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
    signal: undefined, // Others may be waiting for it.
    secrets: [clientSecret],
    urgent: true,
  };
}
