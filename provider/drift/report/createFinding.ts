import type { Comparison } from "../comparison";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import { declarationOf, plainValue } from "../state/declarations";
import type { Declared } from "../state/declarations";
import type { Finding } from "./finding";

type Details = Pick<Finding, "kind" | "reason" | "remedies">;

interface PresentDetails extends Details, Pick<Finding, "changes"> {
  /** The resource that the finding is about. */
  readonly declared?: Declared | undefined;
}

/** Creates a finding about an object that Keycard has. */
export function findingOf(
  found: FoundAccount | FoundCredential,
  { kind, declared, changes, ...details }: PresentDetails,
): Finding {
  const credential = "account" in found ? found : undefined;
  const account = "account" in found ? found.account : found;
  return {
    kind,
    thing: credential ? "credential" : "account",
    name: found.name,
    id: found.id,
    account: credential && { id: account.id, name: account.name },
    organizationId: account.organization.id,
    clientId: credential?.client_id,
    createdAt: found.created_at,
    lastUsedAt: credential?.last_used_at,
    declared: declared && declarationOf(declared),
    changes,
    ...details,
  };
}

/** Creates a finding about a resource whose object Keycard does not have. */
export function findingOfMissing(
  one: Declared,
  { inventory, declarations }: Comparison,
  { kind, ...details }: Details,
): Finding {
  const accountId = plainValue(one.serviceAccountId) ?? "";
  const accountName = inventory.accounts.get(accountId)?.name ?? declarations.accountNames.get(accountId);
  return {
    kind,
    thing: one.type === "ServiceAccount" ? "account" : "credential",
    name: plainValue(one.name) ?? one.logicalName,
    id: one.pendingVerification ? undefined : one.id,
    account: accountId === "" ? undefined : { id: accountId, name: accountName || undefined },
    organizationId: one.organization?.id,
    declared: declarationOf(one),
    ...details,
  };
}
