/** Where a program is to declare what is advised. */
import type { Sides } from "../detectors/compare";
import type { Declared } from "../state/declarations";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";

export interface Place {
  readonly logicalName: string;
  /** Where one alone does not go without saying. */
  readonly organizationId: string | undefined;
  /** Whether the program reads it so far, under this name. */
  readonly isRead?: boolean;
}

/** Where to declare a thing: under a free name, or in the place of what reads it. */
export function placeFor(thing: FoundAccount | FoundCredential, sides: Sides, reader?: Declared): Place {
  return {
    logicalName: reader?.logicalName ?? sides.names.of(thing),
    organizationId: organizationToName("account" in thing ? thing.account : thing, sides),
    isRead: reader !== undefined,
  };
}

/** Where to declare which credentials an account may have. */
export function guardPlaceFor(account: FoundAccount, sides: Sides): Place {
  return {
    logicalName: sides.names.ofGuard(account),
    organizationId: organizationToName(account, sides),
  };
}

function organizationToName(
  { organization }: FoundAccount,
  { declarations, inventory }: Sides,
): string | undefined {
  return declarations.organizations.length - inventory.sameAs.size > 1 ? organization.id : undefined;
}
