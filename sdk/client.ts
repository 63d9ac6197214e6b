import { inspect } from "node:util";
import { perform } from "./http/call";
import type { Caller } from "./http/call";
import { ENVIRONMENT, fromEnvironment } from "./environment";
import { ConfigurationError } from "./errors";
import { settingsFrom } from "./options";
import type { ClientOptions, Settings } from "./options";
import { ServiceAccounts } from "./resources/serviceAccounts";
import { readyMade, signedIn } from "./auth/clientCredentials";
import type { Authorization } from "./auth/clientCredentials";
import { TokenSource } from "./auth/token";

/** What belongs to organizations. */
export class Organizations {
  readonly serviceAccounts: ServiceAccounts;

  constructor(call: Caller) {
    this.serviceAccounts = new ServiceAccounts(call);
  }
}

type Identity = Pick<ClientOptions, "apiKey" | "clientID" | "clientSecret">;

/**
 * A client of the Keycard API.
 *
 * It signs in with a client ID and secret when a call first needs it, and again before the token expires; or
 * it sends a ready-made token (`apiKey`). Without either, calls throw a `ConfigurationError`. A call uses the
 * settings that the client had when it was made.
 */
export class KeycardAPI {
  readonly organizations: Organizations;
  readonly #options: ClientOptions;
  #settings: Settings;
  #identity: Identity;
  #tokens = new TokenSource();

  /** @throws {ConfigurationError} if an option cannot be used */
  constructor(options: ClientOptions = {}) {
    this.#options = options;
    this.#settings = settingsFrom(options);
    this.#identity = identityFrom(options, {
      apiKey: fromEnvironment("apiKey"),
      clientID: fromEnvironment("clientID"),
      clientSecret: fromEnvironment("clientSecret"),
    });
    this.organizations = new Organizations(async (call) =>
      perform(this.#settings, this.#authorization(), call),
    );
  }

  /** Where the API is, without a slash at the end. */
  get baseURL(): string {
    return this.#settings.baseURL;
  }

  /** How often a failed call is made again. */
  get maxRetries(): number {
    return this.#settings.maxRetries;
  }

  /**
   * The server's clock as its answers tell it, in milliseconds since 1970; `undefined` before the first one. Never ahead of it, and
   * behind it by a second or so.
   */
  get serverTime(): number | undefined {
    return this.#settings.clock.now();
  }

  /** The same, but never behind the server's clock, and ahead of it by a second or so. */
  get latestServerTime(): number | undefined {
    return this.#settings.clock.latest();
  }

  /**
   * Signs in with the ID and the secret, unless there is a token of theirs already.
   * @throws {AuthenticationError} if they are not accepted
   */
  async signIn(): Promise<void> {
    await this.#authorization().token(undefined);
  }

  /** The ready-made token. Setting it takes the place of an ID and secret. */
  get apiKey(): string | undefined {
    return this.#identity.apiKey;
  }
  set apiKey(apiKey: string | undefined) {
    this.#become(apiKey === undefined ? { ...this.#identity, apiKey } : { apiKey });
  }

  /** The ID to sign in with. Setting it takes the place of a ready-made token. */
  get clientID(): string | undefined {
    return this.#identity.clientID;
  }
  set clientID(clientID: string | undefined) {
    this.#become({ ...this.#identity, clientID, apiKey: undefined });
  }

  /** The secret to sign in with. Setting it takes the place of a ready-made token. */
  get clientSecret(): string | undefined {
    return this.#identity.clientSecret;
  }
  set clientSecret(clientSecret: string | undefined) {
    this.#become({ ...this.#identity, clientSecret, apiKey: undefined });
  }

  /**
   * A client with this one's settings, save those that are given. At the same endpoint the two share a token, where
   * they sign in alike, and the server's rate limit, unless the other has a `maxConcurrency` of its own.
   */
  withOptions(options: ClientOptions): KeycardAPI {
    const other = new KeycardAPI({
      ...this.#options,
      ...options,
      baseURL: options.baseURL ?? this.baseURL,
      ...NOBODY,
      ...identityFrom(options, this.#identity),
    });
    const { clientID, clientSecret } = this.#identity;
    if (other.baseURL !== this.baseURL) return other;
    const same = other.clientID === clientID && other.clientSecret === clientSecret;
    if (same) other.#tokens = this.#tokens;
    if (options.maxConcurrency === undefined) {
      other.#settings = { ...other.#settings, pace: this.#settings.pace };
    }
    return other;
  }

  /** Shows no secret, not even to someone who asks `util.inspect` for getters. */
  [inspect.custom](): string {
    return `KeycardAPI { baseURL: '${this.baseURL}' }`;
  }

  #become(identity: Identity): void {
    this.#identity = identity;
    this.#tokens = new TokenSource(); // A token of the credentials before must not be used again.
  }

  #authorization(): Authorization {
    const { apiKey, clientID, clientSecret } = this.#identity;
    if (apiKey) return readyMade(apiKey);
    if (clientID && clientSecret) return signedIn(this.#settings, this.#tokens, clientID, clientSecret);
    throw new ConfigurationError(missing(this.#identity));
  }
}

const NOBODY: Identity = { apiKey: undefined, clientID: undefined, clientSecret: undefined };

/**
 * What is given, completed from `fallback` by what goes with it: a token there does not get mixed with an ID
 * here.
 */
function identityFrom({ apiKey, clientID, clientSecret }: Identity, fallback: Identity): Identity {
  const pair = clientID !== undefined || clientSecret !== undefined;
  if (apiKey !== undefined && pair) {
    throw new ConfigurationError("give either apiKey, or clientID and clientSecret, not both");
  }
  if (apiKey !== undefined) return { apiKey };
  if (!pair && fallback.apiKey !== undefined) return { apiKey: fallback.apiKey };
  return {
    clientID: clientID ?? fallback.clientID,
    clientSecret: clientSecret ?? fallback.clientSecret,
  };
}

function missing({ clientID, clientSecret }: Identity): string {
  const [id, secret, token] = [ENVIRONMENT.clientID[0], ENVIRONMENT.clientSecret[0], ENVIRONMENT.apiKey[0]];
  if (clientID) return `there is a clientID but no clientSecret: give that, too, or set ${secret}`;
  if (clientSecret) return `there is a clientSecret but no clientID: give that, too, or set ${id}`;
  return `no credentials: give clientID and clientSecret or set ${id} and ${secret}; or give a token as apiKey or set ${token}`;
}
