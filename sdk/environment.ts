/**
 * The environment variables that stand in for settings that a program does not give, in the order in which
 * they are looked at: the names of Keycard's Terraform provider first, then those of Keycard's own TypeScript
 * client.
 */
export const ENVIRONMENT = {
  clientID: ["KEYCARD_CLIENT_ID", "KEYCARD_API_CLIENT_ID"],
  clientSecret: ["KEYCARD_CLIENT_SECRET", "KEYCARD_API_CLIENT_SECRET"],
  apiKey: ["KEYCARD_API_API_KEY", "KEYCARD_API_KEY"],
  baseURL: ["KEYCARD_ENDPOINT", "KEYCARD_API_BASE_URL"],
  organizationId: ["KEYCARD_ORGANIZATION_ID"],
  logLevel: ["KEYCARD_API_LOG"],
} as const satisfies Record<string, readonly string[]>;

/** A setting that the environment can give. */
export type EnvironmentSetting = keyof typeof ENVIRONMENT;

/** What the environment gives for a setting, if anything; an empty variable counts as none. */
export function fromEnvironment(setting: EnvironmentSetting): string | undefined {
  for (const name of ENVIRONMENT[setting]) {
    const value = process.env[name];
    if (value) return value;
  }
  return undefined;
}
