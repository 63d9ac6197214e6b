import * as pulumi from "@pulumi/pulumi";
import type { Keycard } from "../operations";
import { refuseSecretsInClear } from "../resource";
import { keycardFrom } from "../settings";
import type { Everything } from "./readAllPages";

/** Whom a program asks. */
export interface Asked extends Pick<Keycard, "client" | "organizationId"> {
  /** The lists that will be read in a moment, so that all who want the same one read it once. */
  readonly lists: Map<string, Promise<Everything<unknown> | undefined>>;
}

/** By settings, because one process may run the programs of several stacks, as Pulumi's Automation API does. */
const known = new Map<string, Asked>();

/**
 * Whom the program asks: all of its lookups share one client, and with it the token and the rate limit. It signs in with the same
 * settings as the provider host, which is another process.
 *
 * @throws {ResourceError} for settings that are missing or malformed
 */
export function askedByProgram(): Asked {
  refuseSecretsInClear();
  const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("keycard:"));
  const key = JSON.stringify(settings);
  const asked = known.get(key) ?? { ...keycardFrom({ get: pulumi.runtime.getConfig }), lists: new Map() };
  known.set(key, asked);
  return asked;
}
