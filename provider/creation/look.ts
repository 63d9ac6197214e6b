import { NotFoundError } from "../../sdk";
import { ResourceError } from "../errors";
import type { Making, Wanted } from "./making";
import type { Memory, Thing } from "./memory";

/** What was there before: names by ID; nothing where the place was not there. */
export type Before = ReadonlyMap<string, string> | undefined;

/** Of what is looked for, all that its name and description do not tell. Times are milliseconds since 1970, of the server. */
export interface Search {
  since: number | undefined;
  until?: number | undefined;
  /** IDs of what is surely something else. */
  others: { has(id: string): boolean };
}

/**
 * Milliseconds by which the clocks of one service may differ, since what made a thing and what answered need not be the same
 * machine.
 */
const SKEW = 1000;

/**
 * What is there before we make anything, so that none of it is taken for ours. A new account has nothing in it. Who may not list
 * what is there cannot create: a lost answer would leave what nobody could find.
 */
export async function existing({ wanted, list }: Making<Thing, Thing>, memory: Memory): Promise<Before> {
  if (wanted.serviceAccountId !== undefined && memory.made.has(wanted.serviceAccountId)) return new Map();
  return memory.before(wanted, async () => {
    const names = new Map<string, string>();
    try {
      for await (const { id, name } of list()) names.set(id, name);
    } catch (error) {
      // Of a place that is not there, creating in it tells better what is wrong.
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
    return names;
  });
}

/** Finds what lost creates may have made: just as wanted, of the right time, never used, and nobody's that we know. */
export async function look<Found extends Thing>(
  { wanted, list, isUsed }: Making<Thing, Found>,
  { since, until, others }: Search,
  { known }: Memory,
): Promise<Found[]> {
  const alike: Found[] = [];
  for await (const one of list()) {
    const created = Date.parse(one.created_at);
    const isEarlier = since !== undefined && created < since - SKEW;
    const isLater = until !== undefined && created > until + SKEW;
    if (isAlike(one, wanted) && !isEarlier && !isLater && !others.has(one.id) && !known.has(one.id))
      alike.push(one);
  }
  const used = await Promise.all(alike.map(isUsed));
  return alike.filter((_, index) => !used[index]);
}

function isAlike(one: Thing, { name, description }: Wanted): boolean {
  return one.name === name && (one.description || undefined) === (description || undefined);
}

/** For more of a kind than can be ours. It is not for us to guess which are. */
export function tooMany(
  { name, serviceAccountId }: Wanted,
  found: readonly Thing[],
  advice: string,
): ResourceError {
  const kind = serviceAccountId === undefined ? "service account" : "credential";
  const list = found.map(({ id, created_at }) => `  ${id}, created ${created_at}`).join("\n");
  return new ResourceError(
    `Keycard's answer to the creation of the ${kind} "${name}" was lost, and it is uncertain which it made, if any, of these:\n${list}\n` +
      `Pulumi has touched none of them. ${advice}`,
  );
}
