import type { ProviderContext } from "../session/context";

/**
 * Returns the server's time in milliseconds since 1970; this machine's clock may be wrong. Makes one call for all resources, unless
 * Keycard has responded to one already. Returns `undefined` if the responses have no `Date`.
 */
export async function serverTime(
  { client, contact }: ProviderContext,
  organizationId: string,
): Promise<number | undefined> {
  const { serviceAccounts } = client.organizations;
  if (client.serverTime === undefined)
    await contact.once(async () =>
      client.apiKey === undefined ? client.signIn() : serviceAccounts.list(organizationId, { limit: 1 }),
    );
  return client.serverTime;
}
