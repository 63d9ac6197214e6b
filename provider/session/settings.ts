import { ConfigurationError, fromEnvironment, KeycardAPI } from "../../sdk";
import type { ClientOptions, Logger } from "../../sdk";
import { variableOf } from "../../sdk/internal";
import { SettingsError, SETTINGS_IN_USE } from "../errors";
import type { ProviderContext } from "./context";

/** The stack's configuration, decrypted; keys are written `keycard:…`. */
export interface Config {
  get(key: string): string | undefined;
}

/** The settings of a provider; their keys in a stack's configuration are written `keycard:…`. */
export interface Settings {
  /** The client ID that Pulumi signs in with. Default: KEYCARD_CLIENT_ID in the environment. */
  clientId: string;
  /** The client secret that Pulumi signs in with. Default: KEYCARD_CLIENT_SECRET in the environment. */
  clientSecret: string;
  /** An API token, in place of a client ID and a client secret. Default: KEYCARD_API_KEY in the environment. */
  apiKey: string;
  /** The ID or label of the organization of resources that name none. Default: KEYCARD_ORGANIZATION_ID in the environment. */
  organizationId: string;
  /** The URL of Keycard's API. Default: KEYCARD_ENDPOINT in the environment, else https://api.keycard.ai. */
  endpoint: string;
  /** How long each attempt of a request may take, in seconds. Default: 60. */
  timeout: string;
  /** How often a failed request is repeated. Default: 2. */
  maxRetries: string;
  /** How many requests run at the same time. Default: 16. */
  maxConcurrency: string;
}

/** The names of all settings, each with whether it is secret. */
export const SETTINGS = {
  clientId: false,
  clientSecret: true,
  apiKey: true,
  organizationId: false,
  endpoint: false,
  timeout: false,
  maxRetries: false,
  maxConcurrency: false,
} satisfies Record<keyof Settings, boolean>;

export const SECRET_SETTINGS = Object.entries(SETTINGS).flatMap(([name, isSecret]) => (isSecret ? name : []));

/**
 * Returns a client and the default organization, from the stack's configuration (`keycard:endpoint`, `clientId`, `clientSecret`, `apiKey`,
 * `organizationId`, `timeout` in seconds, `maxRetries`, `maxConcurrency`), else from the environment. Configuration wins as a whole: a
 * token in it is never combined with an ID and secret from the environment, nor the reverse.
 *
 * @param logger receives the client's log; default: standard error
 * @throws {SettingsError} for a missing or malformed setting, with the command that sets it
 */
export function keycardFrom(
  config: Config,
  logger?: Logger,
): Pick<ProviderContext, "client" | "organizationId"> {
  const get = (key: string): string | undefined => config.get(`keycard:${key}`) || undefined;
  const credentials = { apiKey: get("apiKey"), clientID: get("clientId"), clientSecret: get("clientSecret") };
  requireCredentials(credentials);
  const client = clientFrom({
    ...credentials,
    baseURL: get("endpoint"),
    timeout: seconds("timeout", get("timeout")),
    maxRetries: wholeNumber("maxRetries", get("maxRetries"), 0, 2),
    maxConcurrency: wholeNumber("maxConcurrency", get("maxConcurrency"), 1, 16),
    logger,
  });
  return { client, organizationId: defaultOrganizationId(config) };
}

/** Returns the name by which a user of Pulumi knows a client's option that has an unusable value. */
function settingOf(option: string, { baseURL }: ClientOptions): string {
  if (option === "baseURL") return baseURL ? "keycard:endpoint" : (variableOf("baseURL") ?? option);
  return option === "logLevel" ? (variableOf("logLevel") ?? option) : option;
}

function clientFrom(options: ClientOptions): KeycardAPI {
  try {
    return new KeycardAPI(options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const setting = settingOf(error.option, options);
    const isConfigured = setting.startsWith("keycard:");
    const lines = [`${setting} ${error.problem}.`, error.hint, isConfigured && SETTINGS_IN_USE];
    throw new SettingsError(lines.filter(Boolean).join("\n"), { cause: error });
  }
}

/** Returns the organization of resources that name none. */
export function defaultOrganizationId(config: Config): string | undefined {
  return config.get("keycard:organizationId") || fromEnvironment("organizationId");
}

function requireCredentials({ apiKey, clientID, clientSecret }: ClientOptions): void {
  if (apiKey && (clientID || clientSecret))
    throw new SettingsError(
      "Configure either keycard:apiKey, or keycard:clientId and keycard:clientSecret, but not both. To remove the token, run `pulumi config rm keycard:apiKey`.",
    );
  if (apiKey ?? (clientID || clientSecret ? undefined : fromEnvironment("apiKey"))) return;
  const missing = [
    !(clientID ?? fromEnvironment("clientID")) &&
      "a client ID (`pulumi config set keycard:clientId <ID>`, or KEYCARD_CLIENT_ID)",
    !(clientSecret ?? fromEnvironment("clientSecret")) &&
      "a client secret (`pulumi config set --secret keycard:clientSecret`, or KEYCARD_CLIENT_SECRET)",
  ].filter((line) => typeof line === "string");
  if (missing.length === 0) return;
  throw new SettingsError(
    `To sign in to Keycard, Pulumi needs ${missing.join(" and ")}. Alternatively, use an API token: \`pulumi config set --secret keycard:apiKey\`.\n${SETTINGS_IN_USE}`,
  );
}

function seconds(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value > 0 && value <= 86_400))
    throw malformed(key, "a number of seconds, above 0 and at most 86400", "60");
  return value * 1000;
}

function wholeNumber(
  key: string,
  text: string | undefined,
  minimum: number,
  example: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (!(value >= minimum)) throw malformed(key, `a whole number from ${minimum} to 999`, String(example));
  return value;
}

/** The message does not repeat the value: it may be a secret that was meant for another key. */
function malformed(key: string, right: string, example: string): SettingsError {
  return new SettingsError(
    `keycard:${key} must be ${right}: \`pulumi config set keycard:${key} ${example}\`.\n${SETTINGS_IN_USE}`,
  );
}
