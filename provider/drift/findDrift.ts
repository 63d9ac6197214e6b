/** What Pulumi does not see: compares stacks with what is at Keycard. Nothing here can change anything. */
import * as by from "./detectors/compare";
import { Declarations } from "./state/declarations";
import type { Stack } from "./state/declarations";
import type { Choice } from "./findingFilter";
import { KINDS } from "./report/finding";
import type { Drift, Finding, Kind } from "./report/finding";
import { interrupted } from "./detectors/interrupted";
import { readInventory } from "./inventory/readInventory";
import type { Progress } from "./inventory/readInventory";
import { AdvisedNames } from "./remedies/advisedNames";
import { stale } from "./detectors/stale";

export interface DriftOptions {
  /** Organizations to look in, by ID or label, beside those that the stacks name. */
  readonly organizations: readonly string[];
  /** Milliseconds after which a credential that was not used is stale; without it, none is. */
  readonly staleAfter: number | undefined;
  /** What to tell of. */
  readonly choice: Choice;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Compares stacks with what is at Keycard.
 *
 * @throws {ResourceError} where there is no organization to look in, or one does not answer
 */
export async function findDrift(stacks: readonly Stack[], options: DriftOptions): Promise<Drift> {
  const declarations = new Declarations(stacks, options.organizations);
  const inventory = await readInventory(declarations.interest(), options.onProgress);
  const times = stacks.flatMap(({ keycard }) => keycard.serverTime() ?? []);
  const now = times.length > 0 ? Math.max(...times) : Date.now();
  const sides = { declarations, inventory, names: new AdvisedNames(declarations, inventory), now };
  options.choice.mustMean(sides);
  return {
    compared: {
      stacks: stacks.map(({ state: { source, stack, project, resources }, name }) => ({
        source,
        ...stackName(name ?? stack),
        ...(project ? { project } : {}),
        resources: resources.filter(({ fate }) => fate !== "read").length,
      })),
      organizations: declarations.organizations
        .filter((one) => !inventory.sameAs.has(one))
        .map(({ id }) => id),
      accounts: inventory.accounts.size,
      credentials: inventory.credentials.size,
    },
    findings: findings(sides, options),
    uncompared: by.uncompared(sides),
  };
}

function stackName(stack: string | undefined): { stack?: string } {
  return stack === undefined ? {} : { stack };
}

function findings(sides: by.Sides, { choice, staleAfter }: DriftOptions): Finding[] {
  const all = [
    ...interrupted(sides),
    ...by.missing(sides),
    ...by.changed(sides),
    ...by.unmanagedAccounts(sides),
    ...by.unmanagedCredentials(sides),
    ...(staleAfter === undefined ? [] : stale(sides, staleAfter)),
  ];
  // What an interrupted update left is not somebody else's, nor is it for who does not want to hear of interruptions.
  const left = new Set(all.filter(({ kind }) => kind === "interrupted").map(thingOf));
  const isAsItSeems = (one: Finding) => one.kind === "interrupted" || !left.has(thingOf(one));
  const once = new Map<string, Finding>();
  const kinds = new Map<string, Kind>();
  for (const finding of all.filter((one) => isAsItSeems(one) && choice.includes(one))) {
    const [thing, place] = [thingOf(finding), placeOf(finding)];
    if (!kinds.has(thing)) kinds.set(thing, finding.kind);
    // Each stack that has it is told of.
    const key = JSON.stringify([thing, place]);
    if (kinds.get(thing) === finding.kind && !once.has(key)) once.set(key, finding);
  }
  return [...once.values()].sort(inOrder);
}

/** What tells things apart: their IDs, or where there are none their places in the stacks. */
function thingOf(finding: Finding): string {
  return finding.id ?? placeOf(finding);
}

function placeOf({ declared }: Finding): string {
  return JSON.stringify([declared?.source, declared?.urn]);
}

function inOrder(a: Finding, b: Finding): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  const index = left.findIndex((part, at) => part !== right[at]);
  return (left[index] ?? "") < (right[index] ?? "") ? -1 : 1;
}

function sortKey({ kind, organizationId, account, name, id, declared }: Finding): string[] {
  const owner = account?.name ?? account?.id;
  return [
    String(KINDS.indexOf(kind)),
    organizationId ?? "",
    owner ?? "",
    name,
    id ?? "",
    declared?.source ?? "",
    declared?.urn ?? "",
  ];
}
