import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import type { AdviceContext } from "../remedies/place";
import { accountIdOf, declarationOf, plainValue } from "../state/declarations";
import type { Declared } from "../state/declarations";
import type { Change, Finding, Kind, Remedy } from "./finding";

interface Details {
  readonly kind: Kind;
  readonly reason: string;
  readonly remedies: readonly Remedy[];
}

interface PresentDetails extends Details {
  /** The resource that the finding is about. */
  readonly declared?: Declared | undefined;
  readonly changes?: readonly Change[];
}

/** Creates a finding about an object that Keycard has. */
export function present(
  found: FoundAccount | FoundCredential,
  { kind, reason, remedies, declared, changes }: PresentDetails,
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

/** Creates a finding about a resource whose object Keycard does not have. */
export function absent(
  one: Declared,
  { inventory, declarations }: AdviceContext,
  { kind, reason, remedies }: Details,
): Finding {
  const accountId = accountIdOf(one);
  const accountName =
    inventory.accounts.get(accountId ?? "")?.name ?? declarations.accountNames.get(accountId ?? "");
  return {
    kind,
    thing: one.type === "ServiceAccount" ? "account" : "credential",
    name: plainValue(one.name) ?? one.logicalName,
    ...(one.id === undefined || one.pendingVerification ? {} : { id: one.id }),
    ...(accountId === undefined
      ? {}
      : { account: { id: accountId, ...(accountName ? { name: accountName } : {}) } }),
    ...(one.organization === undefined ? {} : { organizationId: one.organization.id }),
    declared: declarationOf(one),
    reason,
    remedies,
  };
}
