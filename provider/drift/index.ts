/** What Pulumi does not see: compares stacks with what is at Keycard. Nothing here can change anything. */
import * as by from "./compare";
import { Declarations } from "./declared";
import type { Stack } from "./declared";
import type { Choice } from "./choice";
import { KINDS } from "./findings";
import type { Drift, Finding, Kind } from "./findings";
import { interrupted } from "./interrupted";
import { readInventory } from "./inventory";
import type { Progress } from "./inventory";
import { AdvisedNames } from "./names";
import { stale } from "./stale";

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
  // Before anything is left out: what is not to be told as the one must not pass for the other.
  const once = new Map<string, Finding>();
  const kinds = new Map<string, Kind>();
  for (const finding of all) {
    const { kind, id, declared } = finding;
    const place = JSON.stringify([declared?.source, declared?.urn]);
    const thing = id ?? place;
    if (!kinds.has(thing)) kinds.set(thing, kind);
    // Each stack that has it is told of.
    if (kinds.get(thing) === kind) once.set(`${thing} ${place}`, once.get(`${thing} ${place}`) ?? finding);
  }
  return [...once.values()].filter((finding) => choice.includes(finding)).sort(inOrder);
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
