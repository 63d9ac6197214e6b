import { NotFoundError } from "../../sdk";
import { ResourceError } from "../errors";
import type { Making, Wanted } from "./strategy";
import type { Before, Memory, Thing } from "../session/memory";

/** Of what is looked for, all that its name and description do not tell. Times are milliseconds since 1970, of the server. */
interface Search {
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

/** What is just as wanted, never used, and nobody's that we know. */
export interface Seen<Found extends Thing> {
  /** Of the right time. */
  found: Found[];
  /** Of another time, by clocks that may be wrong. */
  untimely: Found[];
}

/** Finds what lost creates may have made. */
export async function look<Found extends Thing>(
  { wanted, list, isUsed }: Making<Thing, Found>,
  { since, until, others }: Search,
  memory: Memory,
): Promise<Seen<Found>> {
  const alike = await unclaimed(list(), (one) => isAlike(one, wanted) && !others.has(one.id), memory);
  const used = await Promise.all(alike.map(isUsed));
  const unused = alike.filter((_, index) => !used[index]);
  const timely = (one: Found) => isTimely(one, { since, until });
  return { found: unused.filter(timely), untimely: unused.filter((one) => !timely(one)) };
}

/** Whether something can have been made within a time; one that is not known can have been any. */
export function isTimely({ created_at }: Thing, { since, until }: Pick<Search, "since" | "until">): boolean {
  const created = Date.parse(created_at);
  return created >= (since ?? -Infinity) - SKEW && created <= (until ?? Infinity) + SKEW;
}

/** Those of a list that fit and are no resource of ours, each once: a list that changes while it is walked may tell of one twice. */
export async function unclaimed<Found extends Thing>(
  list: AsyncIterable<Found>,
  fits: (one: Found) => boolean,
  { known }: Memory,
): Promise<Found[]> {
  const found = new Map<string, Found>();
  for await (const one of list) if (fits(one) && !known.has(one.id)) found.set(one.id, one);
  return [...found.values()];
}

/** Whether something may be what was to be made, by its name and its description. */
export function isAlike(one: Thing, { name, description }: Pick<Thing, "name" | "description">): boolean {
  return plain(one.name) === plain(name) && plain(one.description) === plain(description);
}

/** A text without what a server may spell another way. */
function plain(text = ""): string {
  return text.normalize("NFC").replace(/\s+/g, " ").trim();
}

/** For more of a kind than can be ours. It is not for us to guess which are. */
export function tooMany(
  { name, serviceAccountId }: Wanted,
  found: readonly Thing[],
  advice: string,
): ResourceError {
  const kind = serviceAccountId === undefined ? "service account" : "credential";
  return new ResourceError(
    `Keycard's answer to the creation of the ${kind} "${name}" was lost, and it is uncertain which it made, if any, of these:\n${listed(found)}\n` +
      `Pulumi has touched none of them. ${advice}`,
  );
}

/** Enough for a person, and for what carries an error to Pulumi. */
const MOST_LISTED = 20;

/** What an error tells of, a line each. */
export function listed<Found extends Thing>(
  found: readonly Found[],
  line: (one: Found) => string = ({ id, created_at }) => `${id}, created ${created_at}`,
): string {
  const lines = found.slice(0, MOST_LISTED).map((one) => `  ${line(one)}`);
  const more = found.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}
