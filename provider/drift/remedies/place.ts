import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";
import type { Declarations, Declared } from "../state/declarations";
import type { AdvisedNames } from "./advisedNames";

/** How a remedy declares a resource in the program. */
export interface ResourcePlace {
  readonly logicalName: string;
  /** Set only if several organizations are compared. */
  readonly organizationId: string | undefined;
  /** Whether it replaces a `get` of this name. */
  readonly replacesGet?: boolean;
}

/** What is known when remedies are written. */
export interface AdviceContext {
  readonly declarations: Declarations;
  readonly inventory: Inventory;
  /** The logical names to use in remedies. */
  readonly names: AdvisedNames;
}

/** Places an unmanaged object under an unused name, or in place of the `get` that reads it. */
export function placeFor(
  found: FoundAccount | FoundCredential,
  context: AdviceContext,
  reader?: Declared,
): ResourcePlace {
  return {
    logicalName: reader?.logicalName ?? context.names.nameOf(found),
    organizationId: organizationToName("account" in found ? found.account : found, context),
    replacesGet: reader !== undefined,
  };
}

/** Places an account's `ExclusiveCredentials`. */
export function exclusivePlaceFor(account: FoundAccount, context: AdviceContext): ResourcePlace {
  return {
    logicalName: context.names.exclusiveNameOf(account),
    organizationId: organizationToName(account, context),
  };
}

function organizationToName(
  { organization }: FoundAccount,
  { declarations, inventory }: AdviceContext,
): string | undefined {
  return declarations.organizations.length - inventory.sameAs.size > 1 ? organization.id : undefined;
}
