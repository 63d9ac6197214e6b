/** Compares the contents of the stacks with Keycard. */
import { readInventory } from "./inventory/readInventory";
import type { FoundAccount, FoundCredential, Inventory, OnProgress } from "./inventory/readInventory";
import { findSignInAccounts } from "./inventory/signInAccounts";
import { ProposedNames } from "./remedies/proposedNames";
import { Revocations } from "./remedies/revocations";
import { Declarations } from "./state/declarations";
import type { Declared, Stack } from "./state/declarations";

/** The contents of the stacks and of Keycard. */
export interface Comparison {
  readonly declarations: Declarations;
  readonly inventory: Inventory;
  readonly names: ProposedNames;
  readonly revocations: Revocations;
  /** IDs of the accounts that the command signs in with. */
  readonly signInAccountIds: ReadonlySet<string>;
  /** The server's time, in milliseconds since 1970. */
  readonly now: number;
}

export interface ComparisonOptions {
  /** IDs or labels of organizations to read, in addition to those that the stacks name. */
  readonly organizations: readonly string[];
  readonly onProgress: OnProgress;
}

/**
 * Reads Keycard for a comparison.
 *
 * @param only `accounts` skips all credentials, which saves a call for each account
 * @throws {ResourceError} if there is no organization to read, or one is not found
 */
export async function prepareComparison(
  stacks: readonly Stack[],
  { organizations, onProgress }: ComparisonOptions,
  only?: "accounts",
): Promise<Comparison> {
  const declarations = new Declarations(stacks, organizations);
  const skipped = only === "accounts" ? { accounts: [], credentials: [] } : {};
  const inventory = await readInventory({ ...declarations.scope(), ...skipped }, onProgress);
  const signInAccountIds = await findSignInAccounts(
    declarations.organizations,
    inventory,
    declarations.managedIds,
  );
  const names = new ProposedNames(declarations, inventory);
  const times = stacks.flatMap(({ keycard }) => keycard.serverTime() ?? []);
  return {
    declarations,
    inventory,
    names,
    signInAccountIds,
    revocations: new Revocations(declarations, inventory, names),
    now: times.length > 0 ? Math.max(...times) : Date.now(),
  };
}

/** Finds a resource's object at Keycard. */
export function objectOf(
  { inventory }: Comparison,
  { type, id = "" }: Declared,
): FoundAccount | FoundCredential | undefined {
  return type === "ServiceAccount" ? inventory.accounts.get(id) : inventory.credentials.get(id);
}
