import { inspect } from "node:util";
import { apiKeyAuthorization, clientCredentialsAuthorization } from "./auth/clientCredentials";
import type { Authorization } from "./auth/clientCredentials";
import { TokenSource } from "./auth/token";
import { ENVIRONMENT, fromEnvironment } from "./environment";
import { ConfigurationError } from "./errors";
import { makeCall } from "./http/call";
import { settingsFrom } from "./options";
import type { ClientOptions, Settings } from "./options";
import { ServiceAccounts } from "./resources/serviceAccounts";

/** The resources of organizations. */
export interface Organizations {
  readonly serviceAccounts: ServiceAccounts;
}

type Identity = Pick<ClientOptions, "apiKey" | "clientID" | "clientSecret">;

/**
 * A client of the Keycard API.
 *
 * It signs in with client ID and secret before the first call and again before the token expires, or sends a ready-made token
 * (`apiKey`). Without either, calls throw a `ConfigurationError`. A call uses the client's settings at the time when it began.
 */
export class KeycardAPI {
  readonly organizations: Organizations;
  readonly #options: ClientOptions;
  #settings: Settings;
  #identity: Identity;
  #tokens = new TokenSource();

  /** @throws {ConfigurationError} if an option is unusable */
  constructor(options: ClientOptions = {}) {
    this.#options = options;
    this.#settings = settingsFrom(options);
    this.#identity = resolveIdentity(options, {
      apiKey: fromEnvironment("apiKey"),
      clientID: fromEnvironment("clientID"),
      clientSecret: fromEnvironment("clientSecret"),
    });
    this.organizations = {
      serviceAccounts: new ServiceAccounts(async (call) =>
        makeCall(this.#settings, this.#authorization(), call),
      ),
    };
  }

  /** The API's address, without a slash at the end. */
  get baseURL(): string {
    return this.#settings.baseURL;
  }

  /** Retries of a failed call, at most. */
  get maxRetries(): number {
    return this.#settings.maxRetries;
  }

  /**
   * The server's time in milliseconds since 1970, by its last response; `undefined` before the first one. Never ahead of the
   * server's clock, and behind it by about a second.
   */
  get serverTime(): number | undefined {
    return this.#settings.clock.earliest();
  }

  /** The server's time like `serverTime`, but never behind the server's clock, and ahead of it by about a second. */
  get latestServerTime(): number | undefined {
    return this.#settings.clock.latest();
  }

  /**
   * Signs in with client ID and secret, unless the client already has a valid token.
   *
   * @throws {SignInError} if they are refused
   */
  async signIn(): Promise<void> {
    await this.#authorization().token(undefined);
  }

  /** The ready-made token. Setting it removes client ID and secret. */
  get apiKey(): string | undefined {
    return this.#identity.apiKey;
  }
  set apiKey(apiKey: string | undefined) {
    this.#become(apiKey === undefined ? { ...this.#identity, apiKey } : { apiKey });
  }

  /** The client ID to sign in with. Setting it removes a ready-made token. */
  get clientID(): string | undefined {
    return this.#identity.clientID;
  }
  set clientID(clientID: string | undefined) {
    this.#become({ ...this.#identity, clientID, apiKey: undefined });
  }

  /** The client secret to sign in with. Setting it removes a ready-made token. */
  get clientSecret(): string | undefined {
    return this.#identity.clientSecret;
  }
  set clientSecret(clientSecret: string | undefined) {
    this.#become({ ...this.#identity, clientSecret, apiKey: undefined });
  }

  /**
   * Returns a client with other options; those left out are this client's. At the same endpoint both share the rate limiter,
   * unless `maxConcurrency` is given, and with the same credentials the token.
   */
  withOptions(options: ClientOptions): KeycardAPI {
    const other = new KeycardAPI({
      ...this.#options,
      ...options,
      baseURL: options.baseURL ?? this.baseURL,
      ...NO_IDENTITY,
      ...resolveIdentity(options, this.#identity),
    });
    const { clientID, clientSecret } = this.#identity;
    if (other.baseURL !== this.baseURL) return other;
    if (other.clientID === clientID && other.clientSecret === clientSecret) other.#tokens = this.#tokens;
    if (options.maxConcurrency === undefined)
      other.#settings = { ...other.#settings, rateLimiter: this.#settings.rateLimiter };
    return other;
  }

  /** Hides secrets, also from `util.inspect` with `getters`. */
  [inspect.custom](): string {
    return `KeycardAPI { baseURL: '${this.baseURL}' }`;
  }

  #become(identity: Identity): void {
    this.#identity = identity;
    this.#tokens = new TokenSource(); // The earlier identity's token must not be used again.
  }

  #authorization(): Authorization {
    const { apiKey, clientID, clientSecret } = this.#identity;
    if (apiKey) return apiKeyAuthorization(apiKey);
    if (clientID && clientSecret)
      return clientCredentialsAuthorization(this.#settings, this.#tokens, clientID, clientSecret);
    throw missingCredentials(this.#identity);
  }
}

const NO_IDENTITY: Identity = { apiKey: undefined, clientID: undefined, clientSecret: undefined };

/** Completes the given credentials from `fallback`, without mixing a token of one with an ID or a secret of the other. */
function resolveIdentity({ apiKey, clientID, clientSecret }: Identity, fallback: Identity): Identity {
  const hasPair = clientID !== undefined || clientSecret !== undefined;
  if (apiKey !== undefined && hasPair)
    throw new ConfigurationError("apiKey", "cannot be combined with clientID and clientSecret");
  if (apiKey !== undefined) return { apiKey };
  if (!hasPair && fallback.apiKey !== undefined) return { apiKey: fallback.apiKey };
  return { clientID: clientID ?? fallback.clientID, clientSecret: clientSecret ?? fallback.clientSecret };
}

function missingCredentials({ clientID, clientSecret }: Identity): ConfigurationError {
  const [id, secret, token] = [ENVIRONMENT.clientID[0], ENVIRONMENT.clientSecret[0], ENVIRONMENT.apiKey[0]];
  if (clientID)
    return new ConfigurationError(
      "clientSecret",
      "is missing, but clientID is given",
      `Give it, or set ${secret}.`,
    );
  if (clientSecret)
    return new ConfigurationError(
      "clientID",
      "is missing, but clientSecret is given",
      `Give it, or set ${id}.`,
    );
  return new ConfigurationError(
    "clientID",
    "and clientSecret are missing, and so is apiKey",
    `Give clientID and clientSecret, or set ${id} and ${secret}; or give a token as apiKey, or set ${token}.`,
  );
}
