import { ENVIRONMENT, fromEnvironment } from "./environment";
import { ConfigurationError } from "./errors";
import { agentsFor } from "./http/agents";
import { LOG_LEVELS, STDERR, leveled } from "./http/log";
import type { Logger, LogLevel } from "./http/log";
import { AdaptiveRateLimiter } from "./http/rateLimiter";
import { ServerClock } from "./http/serverClock";
import type { Connection, Fetch } from "./http/transport";

/** Query parameters. A list becomes one pair for each item; `undefined` is left out. */
export type Query = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[] | undefined>
>;

/** The options of a client. An option that is left out comes from its environment variable, if it has one, or is the default. */
export interface ClientOptions {
  /** Client ID to sign in with. Default: `KEYCARD_CLIENT_ID` or `KEYCARD_API_CLIENT_ID`. */
  clientID?: string | undefined;
  /** Client secret to sign in with. Default: `KEYCARD_CLIENT_SECRET` or `KEYCARD_API_CLIENT_SECRET`. */
  clientSecret?: string | undefined;
  /** Ready-made token in place of ID and secret. Default: `KEYCARD_API_API_KEY` or `KEYCARD_API_KEY`. */
  apiKey?: string | undefined;
  /**
   * The API's address: `https`, or `http` on this machine. Default: `KEYCARD_ENDPOINT` or `KEYCARD_API_BASE_URL`, else
   * `https://api.keycard.ai`.
   */
  baseURL?: string | undefined;
  /** Milliseconds for one attempt, from connecting to the last byte of the response. Default 60,000. */
  timeout?: number | undefined;
  /**
   * Retries of a failed call, at most; only calls that are safe to repeat are retried. Default 2. A status 429 does not count, unless
   * no call has succeeded for two minutes. With 0 nothing is retried, not even after a 429.
   */
  maxRetries?: number | undefined;
  /**
   * Requests under way at once, at most, of this client and of those created from it with `withOptions`. Further requests
   * wait; the wait does not count towards `timeout`. After a status 429 all requests wait as long as the server asks, and fewer
   * are sent at once. Default 16.
   */
  maxConcurrency?: number | undefined;
  /** Replaces `node-fetch`. It then decides whether a creating POST gets a new connection. */
  fetch?: Fetch | undefined;
  /**
   * Further options for `fetch`, such as an `agent` of yours for `node-fetch`. It replaces the client's own, which honours HTTPS_PROXY
   * and NO_PROXY, and decides which requests share a connection. The client sets method, headers, body, signal and redirect.
   */
  fetchOptions?: Readonly<Record<string, unknown>> | undefined;
  /** Headers of every request, the token request included. */
  defaultHeaders?: Readonly<Record<string, string>> | undefined;
  /** Query parameters of every call. */
  defaultQuery?: Query | undefined;
  /** How much to log. Default: `KEYCARD_API_LOG`, else `"warn"`. No level logs headers, bodies or secrets. */
  logLevel?: LogLevel | undefined;
  /** Receives the log. Default: standard error. */
  logger?: Logger | undefined;
}

/** Options of one call. */
export interface RequestOptions {
  /** Ends the call with an `APIUserAbortError`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for one attempt. The token request keeps the client's own. */
  timeout?: number | undefined;
  /** Retries of the call, at most. The token request keeps the client's own. */
  maxRetries?: number | undefined;
  /** Further headers. `Authorization`, `Content-Type` and `X-Client-Request-ID` cannot be set. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Further query parameters. */
  query?: Query | undefined;
}

/** A client's settings, complete and validated. */
export interface Settings extends Connection {
  readonly baseURL: string;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly rateLimiter: AdaptiveRateLimiter;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly log: Logger;
  readonly clock: ServerClock;
}

/**
 * Completes and validates a client's options.
 *
 * @throws {ConfigurationError} for an option that is unusable
 */
export function settingsFrom(options: ClientOptions): Settings {
  const url = checkURL(options.baseURL ?? fromEnvironment("baseURL") ?? "https://api.keycard.ai");
  return {
    baseURL: url.origin + url.pathname.replace(/\/+$/, ""),
    agents: agentsFor(url, isLoopback(url)),
    timeout: checkTimeout(options.timeout ?? 60_000),
    maxRetries: checkRetries(options.maxRetries ?? 2),
    rateLimiter: new AdaptiveRateLimiter(checkWhole("maxConcurrency", options.maxConcurrency ?? 16, 1)),
    fetch: options.fetch,
    fetchOptions: options.fetchOptions ?? {},
    headers: options.defaultHeaders ?? {},
    query: options.defaultQuery ?? {},
    log: leveled(
      checkLevel(options.logLevel ?? fromEnvironment("logLevel") ?? "warn"),
      options.logger ?? STDERR,
    ),
    clock: new ServerClock(),
  };
}

/** @throws {ConfigurationError} if no timer can keep it */
export function checkTimeout(timeout: number): number {
  if (timeout > 0 && timeout < 2 ** 31) return timeout;
  throw new ConfigurationError(
    "timeout",
    `must be a number of milliseconds above 0 and below 2^31, not ${timeout}`,
  );
}

/** @throws {ConfigurationError} if it is not a whole number from 0 */
export const checkRetries = (maxRetries: number): number => checkWhole("maxRetries", maxRetries, 0);

function checkWhole(option: string, value: number, minimum: number): number {
  if (Number.isInteger(value) && value >= minimum) return value;
  throw new ConfigurationError(option, `must be a whole number not below ${minimum}, but is ${value}`);
}

function checkLevel(level: string): LogLevel {
  const known = LOG_LEVELS.find((name) => name === level);
  if (known) return known;
  const hint = `Set it to one of these, or unset it (environment: ${ENVIRONMENT.logLevel[0]}).`;
  throw new ConfigurationError("logLevel", `must be one of ${LOG_LEVELS.join(", ")}`, hint);
}

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

// The errors do not repeat the value: people paste secrets into the wrong field, and URLs hold passwords.
function checkURL(text: string): URL {
  const invalid = (problem: string) =>
    new ConfigurationError(
      "baseURL",
      problem,
      `Use a URL such as https://api.keycard.ai (environment: ${ENVIRONMENT.baseURL.join(", ")}).`,
    );
  const url = URL.canParse(text) && new URL(text);
  if (!url) throw invalid("is not a URL");
  if (url.username || url.password) throw invalid("must not contain a user name or a password");
  if (url.search || url.hash) throw invalid("must not have a query or a fragment");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url)))
    throw invalid(
      "must begin with https://, because the client sends secrets to it (http:// is allowed only for localhost)",
    );
  return url;
}
