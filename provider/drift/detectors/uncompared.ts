import { objectOf } from "../comparison";
import type { Comparison } from "../comparison";
import type { Uncompared } from "../report/finding";
import { declarationOf, plainValue } from "../state/declarations";
import type { Declared } from "../state/declarations";
import { ENCRYPTED } from "../state/readState";

/** Lists the properties that could not be compared, because the state has them only encrypted. */
export function uncompared(comparison: Comparison): Uncompared[] {
  return comparison.declarations.resources.flatMap((one) => {
    const isManaged = one.lifecycle === "managed" && !one.pendingVerification;
    const isEarlier = (one.generation?.role ?? "current") !== "current";
    if ((!isManaged && one.lifecycle !== "read") || isEarlier) return [];
    const compared = isManaged ? (["name", "description", "credentialIds"] as const) : [];
    const encrypted = compared.filter((property) => one[property] === ENCRYPTED);
    const properties = [...encrypted, ...encryptedPlace(one, comparison)];
    return properties.length === 0 ? [] : [{ declared: declarationOf(one), properties }];
  });
}

/** Lists the encrypted properties that locate an object, unless it was found without them. */
function encryptedPlace(one: Declared, comparison: Comparison): string[] {
  const found =
    one.type === "ExclusiveCredentials"
      ? comparison.inventory.accounts.get(plainValue(one.serviceAccountId) ?? "")
      : objectOf(comparison, one);
  if (found) return [];
  return [
    ...(one.organization === undefined ? ["organizationId"] : []),
    ...(one.serviceAccountId === ENCRYPTED ? ["serviceAccountId"] : []),
  ];
}
