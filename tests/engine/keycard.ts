/** Configures stacks for an emulator, and calls Keycard without Pulumi. */
import type { Emulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "pulumi-keycard/sdk";
import type { ServiceAccounts } from "pulumi-keycard/sdk";
import type { Engine } from "./types";

/** Configures a stack to work with an emulator. */
export async function configure(
  engine: Pick<Engine, "setConfig">,
  { endpoint, clientId, clientSecret, organizationId }: Omit<Emulator, "close">,
): Promise<void> {
  await engine.setConfig("keycard:endpoint", endpoint);
  await engine.setConfig("keycard:clientId", clientId);
  await engine.setConfig("keycard:clientSecret", clientSecret, { secret: true });
  await engine.setConfig("keycard:organizationId", organizationId);
}

/** Returns a client with all permissions, for changes by hand. */
export function keycardOf({
  endpoint: baseURL,
  apiKey,
}: Pick<Emulator, "endpoint" | "apiKey">): ServiceAccounts {
  return new KeycardAPI({ baseURL, apiKey }).organizations.serviceAccounts;
}

/** Returns true if a credential signs in with this secret. */
export async function signsIn(
  endpoint: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
): Promise<boolean> {
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
  const response = await fetch(`${endpoint}/service-account-token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return response.ok;
}
