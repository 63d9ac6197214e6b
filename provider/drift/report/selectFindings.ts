import { KINDS } from "./finding";
import type { Finding, Kind } from "./finding";

/**
 * Reports each object once per stack, under the first kind that applies and is included. An object that an interrupted update
 * left is never reported under another kind, not even if the kind `interrupted` is excluded.
 *
 * @param all findings in the order of their kinds
 */
export function selectFindings(
  all: readonly Finding[],
  isIncluded: (finding: Finding) => boolean,
): Finding[] {
  const leftBehind = new Set(all.filter(({ kind }) => kind === "interrupted").map(identityOf));
  const kinds = new Map<string, Kind>();
  const selected = new Map<string, Finding>();
  for (const finding of all) {
    const identity = identityOf(finding);
    if (!isIncluded(finding) || (finding.kind !== "interrupted" && leftBehind.has(identity))) continue;
    if (!kinds.has(identity)) kinds.set(identity, finding.kind);
    const key = JSON.stringify([identity, resourceOf(finding)]);
    if (kinds.get(identity) === finding.kind && !selected.has(key)) selected.set(key, finding);
  }
  return [...selected.values()].sort(byReportOrder);
}

/** Identifies the object by its ID, or by its place in the stack if it has none. */
function identityOf(finding: Finding): string {
  return finding.id ?? resourceOf(finding);
}

function resourceOf({ declared }: Finding): string {
  return JSON.stringify([declared?.source, declared?.urn]);
}

function byReportOrder(a: Finding, b: Finding): number {
  return sortKey(a) < sortKey(b) ? -1 : 1;
}

function sortKey({ kind, organizationId, account, name, id, declared }: Finding): string {
  const owner = account?.name ?? account?.id;
  return [KINDS.indexOf(kind), organizationId, owner, name, id, declared?.source, declared?.urn].join("\0");
}
