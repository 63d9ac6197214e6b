import type { ServiceAccountCredential } from "../../sdk";
import { prepareComparison } from "./comparison";
import type { ComparisonOptions } from "./comparison";
import { interrupted } from "./detectors/interrupted";
import { unmanagedAccounts } from "./detectors/unmanaged";
import { compileFilter } from "./findingFilter";
import type { FindingFilter } from "./findingFilter";
import { readCredentials } from "./inventory/readInventory";
import type { FoundAccount } from "./inventory/readInventory";
import type { Stack } from "./state/declarations";

interface UnmanagedOptions extends ComparisonOptions {
  readonly filter: FindingFilter;
  /** Reads the credentials of the accounts found, a call for each account. */
  readonly credentials: boolean;
}

/** The accounts that no stack manages. */
export interface Unmanaged {
  readonly accounts: readonly (FoundAccount & {
    readonly credentials: readonly ServiceAccountCredential[];
  })[];
  /** Accounts that an interrupted update may have created. Its stack has to resolve them. */
  readonly interrupted: readonly FoundAccount[];
  /** Accounts that the command signs in with. */
  readonly signIn: readonly FoundAccount[];
  /** IDs or labels of the organizations, as they were read. */
  readonly organizations: readonly string[];
  /** The logical names of the stacks' accounts. */
  readonly logicalNames: ReadonlySet<string>;
}

/**
 * Finds the accounts that no stack manages. Changes nothing.
 *
 * @throws {ResourceError} if there is no organization to read, or one is not found
 */
export async function findUnmanaged(stacks: readonly Stack[], options: UnmanagedOptions): Promise<Unmanaged> {
  const comparison = await prepareComparison(stacks, options, "accounts");
  const { declarations, inventory } = comparison;
  const leftBehind = new Set([...interrupted(comparison)].map(({ id }) => id));
  const found = [...unmanagedAccounts(comparison)]
    .filter(compileFilter(options.filter, comparison))
    .flatMap(({ id = "" }) => inventory.accounts.get(id) ?? []);
  const accounts = found.filter(({ id }) => !leftBehind.has(id));
  const credentials = new Map<FoundAccount, ServiceAccountCredential[]>();
  if (options.credentials)
    await readCredentials(accounts, options.onProgress, (account, listed = []) =>
      credentials.set(account, listed),
    );
  return {
    accounts: accounts.map((account) => ({ ...account, credentials: credentials.get(account) ?? [] })),
    interrupted: found.filter(({ id }) => leftBehind.has(id)),
    signIn: [...comparison.signInAccountIds].flatMap((id) => inventory.accounts.get(id) ?? []),
    organizations: declarations.organizations.map(({ id }) => id),
    logicalNames: new Set(
      declarations.all.filter(({ type }) => type === "ServiceAccount").map(({ logicalName }) => logicalName),
    ),
  };
}
