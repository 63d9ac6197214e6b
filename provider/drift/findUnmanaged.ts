/** The accounts that no stack has, for those who want to have them in one. */
import type { ServiceAccountCredential } from "../../sdk";
import { unmanagedAccounts } from "./detectors/compare";
import { Declarations } from "./state/declarations";
import type { Stack } from "./state/declarations";
import { each } from "./inventory/each";
import type { DriftOptions } from "./findDrift";
import { interrupted } from "./detectors/interrupted";
import { credentialsOf, readInventory } from "./inventory/readInventory";
import type { FoundAccount } from "./inventory/readInventory";
import { AdvisedNames } from "./remedies/advisedNames";

interface UnmanagedOptions extends Omit<DriftOptions, "staleAfter"> {
  /** Whether to read the credentials of what is found: a call for each account. */
  readonly credentials: boolean;
}

/** What no stack has. */
export interface Unmanaged {
  readonly accounts: readonly (FoundAccount & {
    readonly credentials: readonly ServiceAccountCredential[];
  })[];
  /** Accounts that an interrupted update may have left: their stacks are to settle them. */
  readonly interrupted: readonly FoundAccount[];
  /** Where it was looked, by the ID or label by which it was read. */
  readonly organizations: readonly string[];
  /** Logical names that the stacks have given to accounts. */
  readonly logicalNames: ReadonlySet<string>;
}

/**
 * Finds the accounts that no stack has, of those organizations that the stacks and the options name.
 *
 * @throws {ResourceError} where there is no organization to look in, or one does not answer
 */
export async function findUnmanaged(
  stacks: readonly Stack[],
  { organizations, choice, credentials, onProgress }: UnmanagedOptions,
): Promise<Unmanaged> {
  const declarations = new Declarations(stacks, organizations);
  const interest = { organizations: declarations.organizations, accounts: [], credentials: [] };
  const inventory = await readInventory(interest, onProgress);
  const sides = { declarations, inventory, names: new AdvisedNames(declarations, inventory), now: 0 };
  choice.mustMean(sides);
  const left = new Set([...interrupted(sides)].map(({ id }) => id));
  const found = [...unmanagedAccounts(sides)]
    .filter((finding) => choice.includes(finding))
    .flatMap(({ id = "" }) => inventory.accounts.get(id) ?? []);
  const [unsettled, free] = [found.filter(({ id }) => left.has(id)), found.filter(({ id }) => !left.has(id))];
  const known = credentials ? await allCredentials(free, onProgress) : new Map<string, never>();
  return {
    accounts: free.map((account) => ({ ...account, credentials: known.get(account.id) ?? [] })),
    interrupted: unsettled,
    organizations: declarations.organizations.map(({ id }) => id),
    logicalNames: new Set(
      declarations.all.filter(({ type }) => type === "ServiceAccount").map(({ logicalName }) => logicalName),
    ),
  };
}

async function allCredentials(
  accounts: readonly FoundAccount[],
  onProgress: UnmanagedOptions["onProgress"],
): Promise<Map<string, ServiceAccountCredential[]>> {
  const all = new Map<string, ServiceAccountCredential[]>();
  await each(accounts, async (account) => {
    all.set(account.id, (await credentialsOf(account)) ?? []);
    onProgress({ reading: "credentials", done: all.size, total: accounts.length });
  });
  return all;
}
