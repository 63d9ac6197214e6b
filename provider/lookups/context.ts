import * as pulumi from "@pulumi/pulumi";
import type { Expand } from "../../sdk";
import type { ProviderContext } from "../session/context";
import { refusePlainTextSecrets } from "../resources/properties";
import { keycardFrom } from "../session/settings";

/** The client of all lookups of a program. */
export interface LookupContext extends Pick<ProviderContext, "client" | "organizationId"> {
  /** Lists that are about to be read, so that concurrent lookups share them. */
  readonly pendingLists: Map<string, Promise<unknown>>;
}

/** The organization that a lookup reads, and how. */
export interface LookupTarget {
  readonly context: LookupContext;
  readonly organizationId: string;
  /** Parameters to add to every call. */
  readonly expand: { expand?: readonly Expand[] };
}

/** By settings, since one process may run the programs of several stacks, as the Automation API does. */
const contexts = new Map<string, LookupContext>();

/**
 * Returns the context of the running program: its lookups share a client, and with it the token and the rate limit. The client
 * has the settings of the provider host, which is another process.
 *
 * @throws {ResourceError} if a setting is missing or malformed
 */
export function lookupContext(): LookupContext {
  refusePlainTextSecrets();
  const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("keycard:"));
  const key = JSON.stringify(settings);
  const context = contexts.get(key) ?? {
    ...keycardFrom({ get: pulumi.runtime.getConfig }),
    pendingLists: new Map(),
  };
  contexts.set(key, context);
  return context;
}
