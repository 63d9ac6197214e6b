import { prepareComparison } from "./comparison";
import type { Comparison, ComparisonOptions } from "./comparison";
import { changed } from "./detectors/changed";
import { interrupted } from "./detectors/interrupted";
import { missing } from "./detectors/missing";
import { overdue } from "./detectors/overdue";
import { shared } from "./detectors/shared";
import { stale } from "./detectors/stale";
import { uncompared } from "./detectors/uncompared";
import { unmanagedAccounts, unmanagedCredentials } from "./detectors/unmanaged";
import { compileFilter } from "./findingFilter";
import type { FindingFilter } from "./findingFilter";
import { selectFindings } from "./report/selectFindings";
import type { Drift, Finding } from "./report/finding";
import type { Stack } from "./state/declarations";
import type { StateResource } from "./state/readState";

export interface DriftOptions extends ComparisonOptions {
  /** Reports credentials unused for this many milliseconds as stale; `undefined` reports none. */
  readonly staleAfter: number | undefined;
  readonly filter: FindingFilter;
}

/**
 * Compares stacks with Keycard. Changes nothing.
 *
 * @throws {ResourceError} if there is no organization to compare with, or one is not found
 */
export async function findDrift(stacks: readonly Stack[], options: DriftOptions): Promise<Drift> {
  const comparison = await prepareComparison(stacks, options);
  const isIncluded = compileFilter(options.filter, comparison);
  const { declarations, inventory } = comparison;
  const all = detectAll(comparison, options.staleAfter);
  const findings = selectFindings(all, isIncluded);
  return {
    compared: {
      stacks: stacks.map(({ state: { source, stack, project, resources }, name = stack }) => ({
        source,
        stack: name,
        project,
        resources: resources.filter(isCounted).length,
      })),
      organizations: declarations.organizations
        .filter((one) => !inventory.sameAs.has(one))
        .map(({ id }) => id),
      accounts: inventory.accounts.size,
      credentials: inventory.credentials.size,
    },
    findings,
    hidden: selectFindings(all, () => true).length - findings.length,
    uncompared: uncompared(comparison),
  };
}

/** A `RotatingCredential` counts once, whatever the number of its credentials. */
function isCounted({ lifecycle, generation }: StateResource): boolean {
  return lifecycle !== "read" && (generation?.role ?? "current") === "current";
}

function detectAll(comparison: Comparison, staleAfter: number | undefined): Finding[] {
  return [
    ...interrupted(comparison),
    ...shared(comparison),
    ...missing(comparison),
    ...changed(comparison),
    ...overdue(comparison),
    ...unmanagedAccounts(comparison),
    ...unmanagedCredentials(comparison),
    ...(staleAfter === undefined ? [] : stale(comparison, staleAfter)),
  ];
}
