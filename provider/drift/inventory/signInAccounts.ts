import { pMap } from "../../thirdParty";
import type { FoundAccount, Inventory, Organization } from "./readInventory";
import { listCredentials } from "./readInventory";

/**
 * Bounds the calls, a call for each account. The account is usually one of the oldest or one of the newest: somebody created it before all
 * others, or when the organization came under Pulumi's management.
 */
const MAX_ACCOUNTS = 100;

/**
 * Finds the accounts that the commands sign in with: nobody wants Pulumi to delete its own access. No call of the API returns them,
 * so this looks for the client ID, first among the credentials that were read, then in accounts that no stack manages.
 */
export async function findSignInAccounts(
  organizations: readonly Organization[],
  { accounts, credentials }: Inventory,
  managedIds: ReadonlySet<string>,
): Promise<Set<string>> {
  const wanted = new Set(organizations.flatMap(({ keycard }) => keycard.clientID ?? []));
  const found = new Set<string>();
  const note = (clientId: string, account: FoundAccount) => {
    if (wanted.delete(clientId)) found.add(account.id);
  };
  for (const { client_id, account } of credentials.values()) note(client_id, account);
  const read = new Set([...credentials.values()].map(({ account }) => account.id));
  const candidates = [...accounts.values()]
    .filter(({ id }) => !managedIds.has(id) && !read.has(id))
    .sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
  await pMap(
    fromBothEnds(candidates).slice(0, MAX_ACCOUNTS),
    async (account) => {
      if (wanted.size === 0) return;
      // Without the permission to list them, the command still reports everything else.
      const listed = await listCredentials(account).catch(() => undefined);
      for (const { client_id } of listed ?? []) note(client_id, account);
    },
    { concurrency: 16 },
  );
  return found;
}

function fromBothEnds<Item>(items: readonly Item[]): Item[] {
  const distance = (index: number) => Math.min(index, items.length - 1 - index);
  return [...items.keys()].sort((a, b) => distance(a) - distance(b)).flatMap((index) => items[index] ?? []);
}
