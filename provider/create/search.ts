import { NotFoundError } from "../../sdk";
import { ResourceError } from "../errors";
import { formatList } from "../resources/formatList";
import { allOf } from "../resources/pages";
import type { ProviderContext } from "../session/context";
import type { Baseline } from "../session/creates";
import type { ResourceRegistry } from "../session/registry";
import type { CreateRequest, CreateStrategy, RemoteObject } from "./strategy";

/** The result of a search for the object of a create with a lost response. */
export type SearchResult<Listed extends RemoteObject> =
  | { kind: "found"; object: Listed }
  /** It is safe to create again. */
  | { kind: "absent" }
  /** Never guess: report them. */
  | { kind: "ambiguous"; candidates: Listed[] }
  /** The search itself failed: keep the create in the state as pending verification. */
  | { kind: "unverifiable"; cause: Error };

/** Times are milliseconds since 1970, by the server's clock; `undefined` is unlimited. */
interface Interval {
  since: number | undefined;
  until?: number | undefined;
}

interface Criteria extends Interval {
  /** IDs of objects that the create cannot have created. */
  excluded: { has(id: string): boolean };
}

/** Milliseconds by which the clocks of one service may differ: the machine that creates an object need not be the one that responds. */
const CLOCK_SKEW = 1000;

/**
 * Lists the objects that exist before a create, so that none of them is mistaken for its result. A missing permission to list
 * fails the create: nobody could find the object of a lost response. Returns `undefined` if the place is not found; the create
 * then reports that better.
 */
export function readBaseline(
  { request, list }: CreateStrategy<RemoteObject, RemoteObject>,
  { creates }: ProviderContext,
): Promise<Baseline | undefined> {
  return creates.baseline(request, async () => {
    try {
      return new Map((await allOf(list())).map(({ id, name }) => [id, name]));
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  });
}

/** Searches for the object of a create with a lost response. */
export async function search<Listed extends RemoteObject>(
  strategy: CreateStrategy<RemoteObject, Listed>,
  { since, baseline }: { since: number | undefined; baseline: Baseline | undefined },
  registry: ResourceRegistry,
): Promise<SearchResult<Listed>> {
  try {
    const criteria = { since, excluded: baseline ?? new Map() };
    const { timely, untimely } = await findCandidates(strategy, criteria, registry);
    const [object] = timely;
    // Without a baseline, any candidate may be older than the create; without a timely one, the clocks may be wrong.
    if (object === undefined && (untimely.length === 0 || baseline === undefined)) return { kind: "absent" };
    if (object !== undefined && timely.length === 1 && baseline) return { kind: "found", object };
    return { kind: "ambiguous", candidates: [...timely, ...untimely] };
  } catch (error) {
    return { kind: "unverifiable", cause: error as Error };
  }
}

/**
 * Finds the unused objects that match the request and belong to no known resource, and separates those created in the given interval
 * from the others.
 */
export async function findCandidates<Listed extends RemoteObject>(
  { request, list, isUsed }: CreateStrategy<RemoteObject, Listed>,
  { excluded, ...interval }: Criteria,
  registry: ResourceRegistry,
): Promise<{ timely: Listed[]; untimely: Listed[] }> {
  const alike = await unownedObjects(
    list(),
    (object) => isAlike(object, request) && !excluded.has(object.id),
    registry,
  );
  const used = await Promise.all(alike.map(isUsed));
  const unused = alike.filter((_, index) => !used[index]);
  const timely = unused.filter((object) => isTimely(object, interval));
  return { timely, untimely: unused.filter((object) => !timely.includes(object)) };
}

export function parseTime(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** Returns true if the object can have been created within an interval; without a limit on that side, at any time. */
export function isTimely({ created_at }: RemoteObject, { since, until }: Interval): boolean {
  const created = Date.parse(created_at);
  return created >= (since ?? -Infinity) - CLOCK_SKEW && created <= (until ?? Infinity) + CLOCK_SKEW;
}

/** Returns the objects that match and belong to no known resource. */
export async function unownedObjects<Listed extends RemoteObject>(
  list: AsyncIterable<Listed>,
  matches: (object: Listed) => boolean,
  registry: ResourceRegistry,
): Promise<Listed[]> {
  return (await allOf(list)).filter((object) => matches(object) && !registry.owns(object.id));
}

/** Returns true if name and description are those of the request, apart from whitespace and Unicode normalization. */
export function isAlike(
  object: RemoteObject,
  { name, description }: Pick<RemoteObject, "name" | "description">,
): boolean {
  return (
    normalized(object.name) === normalized(name) && normalized(object.description) === normalized(description)
  );
}

function normalized(text = ""): string {
  return text.normalize("NFC").replace(/\s+/g, " ").trim();
}

/** For several candidates, of which at most one is ours. Nothing is guessed. */
export function ambiguous(
  { serviceAccountId, name }: CreateRequest,
  candidates: readonly RemoteObject[],
  advice: string,
): ResourceError {
  const kind = serviceAccountId === undefined ? "service account" : "credential";
  return new ResourceError(
    `The response to the request that creates the ${kind} "${name}" was lost. Pulumi cannot tell which of these objects, if any, that request created:\n` +
      `${formatList(candidates)}\nPulumi changed none of them. ${advice}`,
  );
}
