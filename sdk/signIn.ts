import { randomUUID } from "node:crypto";
import { APIError, AuthenticationError } from "./errors";
import type { Settings } from "./options";
import { headersOf, onWait, read, send } from "./request";
import { repeat, shouldRepeat } from "./retry";
import type { Token, TokenSource } from "./token";

const PATH = "/service-account-token";

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
  const requestId = randomUUID();
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  const headers = headersOf(settings, requestId, "application/x-www-form-urlencoded");
  const authorization = basic(clientID, clientSecret);
  if (clientID.includes(":")) {
    // In Basic authorization the first colon ends the ID.
    form.set("client_id", clientID);
    form.set("client_secret", clientSecret);
  } else {
    headers["authorization"] = `Basic ${authorization}`;
  }
  const request = {
    method: "POST",
    path: PATH,
    requestId,
    url: settings.baseURL + PATH,
    headers,
    body: form.toString(),
    newConnection: false,
    timeout: settings.timeout,
    signal: undefined,
    secrets: [clientSecret, authorization],
  };
  let sent = 0;
  const attempt = async () => {
    const incoming = await send(settings, { ...request, attempt: ++sent });
    const { access_token, expires_in } = read(request, incoming, "Token");
    return { value: access_token, lifetime: expires_in * 1000 };
  };
  try {
    return await repeat(attempt, {
      most: settings.maxRetries,
      signal: undefined,
      when: (error) => shouldRepeat(error, true),
      onWait: onWait(settings),
    });
  } catch (error) {
    throw refusal(error);
  }
}

/** OAuth tells wrong credentials as 400 or as 401. */
function refusal(error: unknown): unknown {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 401)) return error;
  const { method, path, requestId, status, code, apiMessage } = error;
  const words = [`signing in failed with status ${status}`, code, apiMessage].filter(
    (word) => word !== undefined,
  );
  return new AuthenticationError(
    {
      method,
      path,
      requestId,
      status,
      ...(code === undefined ? {} : { code }),
      ...(apiMessage === undefined ? {} : { apiMessage }),
    },
    `${words.join(": ")}; check the client ID and the client secret`,
  );
}
