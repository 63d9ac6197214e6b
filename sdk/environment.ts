/**
 * The environment variables of settings that a program does not give. The first one that is set counts: those of Keycard's
 * Terraform provider precede those of Keycard's own TypeScript client.
 */
export const ENVIRONMENT = {
  clientID: ["KEYCARD_CLIENT_ID", "KEYCARD_API_CLIENT_ID"],
  clientSecret: ["KEYCARD_CLIENT_SECRET", "KEYCARD_API_CLIENT_SECRET"],
  apiKey: ["KEYCARD_API_API_KEY", "KEYCARD_API_KEY"],
  baseURL: ["KEYCARD_ENDPOINT", "KEYCARD_API_BASE_URL"],
  organizationId: ["KEYCARD_ORGANIZATION_ID"],
  logLevel: ["KEYCARD_API_LOG"],
} as const satisfies Record<string, readonly string[]>;

/** A setting that has environment variables. */
export type EnvironmentSetting = keyof typeof ENVIRONMENT;

/** Returns the environment variable that a setting's value comes from, `undefined` without one. */
export function variableOf(setting: EnvironmentSetting): string | undefined {
  return ENVIRONMENT[setting].find((name) => process.env[name]);
}

/** Returns a setting's value from the environment, `undefined` without one. An empty variable counts as not set. */
export function fromEnvironment(setting: EnvironmentSetting): string | undefined {
  const name = variableOf(setting);
  return name === undefined ? undefined : process.env[name];
}
