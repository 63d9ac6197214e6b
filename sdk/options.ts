import { ServerClock } from "./http/serverClock";
import { ENVIRONMENT, fromEnvironment } from "./environment";
import { ConfigurationError } from "./errors";
import { LOG_LEVELS, STDERR, leveled } from "./http/log";
import type { Logger, LogLevel } from "./http/log";
import { Pace } from "./http/rateLimiter";
import type { Fetch } from "./http/transport";

/** Values of a query; a list becomes one pair each. What is `undefined` is left out. */
export type Query = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[] | undefined>
>;

/**
 * How a client is set up. What is left out comes from the environment, where a variable is named, or is the
 * default.
 */
export interface ClientOptions {
  /** ID to sign in with; else `KEYCARD_CLIENT_ID` or `KEYCARD_API_CLIENT_ID`. */
  clientID?: string | undefined;
  /** Secret to sign in with; else `KEYCARD_CLIENT_SECRET` or `KEYCARD_API_CLIENT_SECRET`. */
  clientSecret?: string | undefined;
  /** A ready-made token in place of ID and secret; else `KEYCARD_API_API_KEY` or `KEYCARD_API_KEY`. */
  apiKey?: string | undefined;
  /**
   * Where the API is, `https`, or `http` on this machine; else `KEYCARD_ENDPOINT` or `KEYCARD_API_BASE_URL`,
   * else `https://api.keycard.ai`.
   */
  baseURL?: string | undefined;
  /**
   * Milliseconds that one attempt may take, from connecting to the last byte of its answer. Default 60,000.
   */
  timeout?: number | undefined;
  /**
   * How often a call is made again after failing, where a repeat cannot do harm. Default 2. Status 429 does not count
   * while many calls are made at once, unless for two minutes nothing got through.
   */
  maxRetries?: number | undefined;
  /**
   * Most requests under way at once, for this client and those made of it with `withOptions`; further ones wait, which
   * is no part of their `timeout`. After a status 429 all wait as long as the server says, and fewer go at once. Default 16.
   */
  maxConcurrency?: number | undefined;
  /**
   * In place of `node-fetch`. It is then up to it whether a creating POST goes out on a connection that was
   * used before.
   */
  fetch?: Fetch | undefined;
  /**
   * More options for `fetch`, such as `node-fetch`'s `agent` for a proxy; method, headers, body, signal and
   * redirect stay ours. With an agent of yours, it is up to that one how connections are used.
   */
  fetchOptions?: Readonly<Record<string, unknown>> | undefined;
  /** Headers to send with each request, the one that signs in included. */
  defaultHeaders?: Readonly<Record<string, string>> | undefined;
  /** Query to send with each call. */
  defaultQuery?: Query | undefined;
  /** How much to log; else `KEYCARD_API_LOG`, else `"warn"`. No level logs headers, bodies or secrets. */
  logLevel?: LogLevel | undefined;
  /** Where to log; else standard error. */
  logger?: Logger | undefined;
}

/** How one call is made, where that differs from the client's own settings. */
export interface RequestOptions {
  /** Ends the call, wherever it is, with an `APIUserAbortError`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt; signing in, where it is needed, keeps the client's own. */
  timeout?: number | undefined;
  /** How often to make the call again after failing; signing in keeps the client's own. */
  maxRetries?: number | undefined;
  /** More headers. `Authorization`, `Content-Type` and `X-Client-Request-ID` stay ours. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** More of a query. */
  query?: Query | undefined;
}

/** What a client works with, complete and checked. */
export interface Settings {
  readonly baseURL: string;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly pace: Pace;
  readonly fetch: Fetch | undefined;
  readonly fetchOptions: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly log: Logger;
  readonly clock: ServerClock;
}

/**
 * Completes and checks a client's options.
 * @throws {ConfigurationError} naming the value that cannot be used
 */
export function settingsFrom(options: ClientOptions): Settings {
  return {
    baseURL: checkedURL(options.baseURL ?? fromEnvironment("baseURL") ?? "https://api.keycard.ai"),
    timeout: checkedTimeout(options.timeout ?? 60_000),
    maxRetries: checkedRetries(options.maxRetries ?? 2),
    pace: new Pace(checkedConcurrency(options.maxConcurrency ?? 16)),
    fetch: options.fetch,
    fetchOptions: options.fetchOptions ?? {},
    headers: options.defaultHeaders ?? {},
    query: options.defaultQuery ?? {},
    log: leveled(
      checkedLevel(options.logLevel ?? fromEnvironment("logLevel") ?? "warn"),
      options.logger ?? STDERR,
    ),
    clock: new ServerClock(),
  };
}

/** @throws {ConfigurationError} if it is no time that a timer can keep */
export function checkedTimeout(timeout: number): number {
  if (timeout > 0 && timeout < 2 ** 31) return timeout;
  throw new ConfigurationError(`timeout is a number of milliseconds above 0 and below 2^31, not ${timeout}`);
}

/** @throws {ConfigurationError} if it is no whole number from 0 */
export function checkedRetries(maxRetries: number): number {
  if (Number.isInteger(maxRetries) && maxRetries >= 0) return maxRetries;
  throw new ConfigurationError(`maxRetries is a whole number from 0, not ${maxRetries}`);
}

function checkedConcurrency(maxConcurrency: number): number {
  if (Number.isInteger(maxConcurrency) && maxConcurrency > 0) return maxConcurrency;
  throw new ConfigurationError(`maxConcurrency is a whole number from 1, not ${maxConcurrency}`);
}

function checkedLevel(level: string): LogLevel {
  const known = LOG_LEVELS.find((name) => name === level);
  if (known) return known;
  throw new ConfigurationError(`logLevel (or ${ENVIRONMENT.logLevel[0]}) is one of ${LOG_LEVELS.join(", ")}`);
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

// The value is not repeated in the messages: people paste secrets into the wrong field, and URLs hold
// passwords.
function checkedURL(text: string): string {
  const wrong = (rule: string) =>
    new ConfigurationError(`baseURL (or ${ENVIRONMENT.baseURL.join(", ")}) ${rule}`);
  const url = URL.canParse(text) && new URL(text);
  if (!url) throw wrong("is not a URL; expected one such as https://api.keycard.ai");
  if (url.username || url.password) throw wrong("must not hold a user name or a password");
  if (url.search || url.hash) throw wrong("must not have a query or a fragment");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && LOOPBACK.test(url.hostname))) {
    throw wrong("must begin with https:// (http:// is only for this machine): secrets are sent there");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}
