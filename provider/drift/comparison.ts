/** Puts together what the stacks contain and what Keycard has. */
import { readInventory } from "./inventory/readInventory";
import type { FoundAccount, FoundCredential, OnProgress } from "./inventory/readInventory";
import { AdvisedNames } from "./remedies/advisedNames";
import type { AdviceContext } from "./remedies/place";
import { Revocations } from "./remedies/revocations";
import { Declarations } from "./state/declarations";
import type { Declared, Stack } from "./state/declarations";

/** What the stacks contain and what Keycard has. */
export interface Comparison extends AdviceContext {
  readonly revocations: Revocations;
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
export async function compare(
  stacks: readonly Stack[],
  { organizations, onProgress }: ComparisonOptions,
  only?: "accounts",
): Promise<Comparison> {
  const declarations = new Declarations(stacks, organizations);
  const skipped = only === "accounts" ? { accounts: [], credentials: [] } : {};
  const inventory = await readInventory({ ...declarations.interest(), ...skipped }, onProgress);
  const context = { declarations, inventory, names: new AdvisedNames(declarations, inventory) };
  const times = stacks.flatMap(({ keycard }) => keycard.serverTime() ?? []);
  return {
    ...context,
    revocations: new Revocations(context),
    now: times.length > 0 ? Math.max(...times) : Date.now(),
  };
}

/** Finds a resource's object at Keycard. */
export function atKeycard(
  { inventory }: Comparison,
  { type, id = "" }: Declared,
): FoundAccount | FoundCredential | undefined {
  return type === "ServiceAccount" ? inventory.accounts.get(id) : inventory.credentials.get(id);
}
