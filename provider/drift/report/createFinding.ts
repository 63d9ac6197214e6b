/** Makes findings. */
import { declarationOf, textOf } from "../state/declarations";
import type { Declarations, Declared } from "../state/declarations";
import type { Change, Finding, Kind } from "./finding";
import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";

interface More {
  /** The stack's resource that it is about. */
  readonly declared?: Declared | undefined;
  readonly changes?: readonly Change[];
}

/** A finding on what is at Keycard. */
export function present(
  found: FoundAccount | FoundCredential,
  kind: Kind,
  reason: string,
  remedies: Finding["remedies"],
  { declared, changes }: More = {},
): Finding {
  const { id, name, created_at: createdAt } = found;
  const isCredential = "account" in found;
  const { organization } = isCredential ? found.account : found;
  return {
    kind,
    thing: isCredential ? "credential" : "account",
    name,
    id,
    ...(isCredential ? { account: { id: found.account.id, name: found.account.name } } : {}),
    organizationId: organization.id,
    ...(isCredential ? { clientId: found.client_id } : {}),
    createdAt,
    ...(isCredential && found.last_used_at !== undefined ? { lastUsedAt: found.last_used_at } : {}),
    ...(declared === undefined ? {} : { declared: declarationOf(declared) }),
    ...(changes === undefined ? {} : { changes }),
    reason,
    remedies,
  };
}

/** A finding on what is not at Keycard. */
export function absent(
  { inventory, declarations }: { inventory: Inventory; declarations: Declarations },
  one: Declared,
  kind: Kind,
  reason: string,
  remedies: Finding["remedies"],
): Finding {
  const id = textOf(one.serviceAccountId);
  const accountName = inventory.accounts.get(id ?? "")?.name ?? declarations.accountNames.get(id ?? "");
  return {
    kind,
    thing: one.type === "ServiceAccount" ? "account" : "credential",
    name: textOf(one.name) ?? one.logicalName,
    ...(one.id === undefined || one.unsettled ? {} : { id: one.id }),
    ...(id === undefined ? {} : { account: { id, ...(accountName ? { name: accountName } : {}) } }),
    ...(one.organization === undefined ? {} : { organizationId: one.organization.id }),
    declared: declarationOf(one),
    reason,
    remedies,
  };
}
