import { randomUUID } from "node:crypto";
import { NotFoundError } from "../../sdk";
import { InitializationError, ResourceError } from "../errors";
import type { Difference, Keycard } from "../resources/operations";
import { look, tooMany } from "./search";
import type { Making, Wanted } from "./strategy";
import type { Before, Lost, Namesakes, Thing } from "../session/memory";

/** A create that could not be settled, as the state keeps it until a later operation settles it. */
export interface Unsettled {
  /** The server's time before and after, RFC 3339, UTC; absent where it did not tell its time. */
  since?: string;
  until?: string;
  /** IDs of those of the same name that are surely something else. */
  others: string[];
  /** How many of exactly this kind were lost at once; each may find what another one made. */
  together: number;
}

/** What the state is to know of creates of the same name that could not be settled now. */
export function unsettledNow(
  { name }: Wanted,
  { since, together }: { since: number | undefined; together: number },
  before: Before,
  { ours }: Namesakes,
  { client }: Keycard,
): Unsettled {
  const until = client.latestServerTime;
  const earlier = [...(before ?? [])].filter(([, other]) => other === name).map(([id]) => id);
  return {
    ...(since === undefined || before === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    others: [...earlier, ...ours],
    together,
  };
}

/** Puts a create that could not be settled into the state, under an ID that Keycard never gives. */
export function keepUnsettled(
  wanted: Wanted,
  unsettled: Unsettled,
  { error }: Lost,
  reason: Error,
): InitializationError {
  const id = `unsettled-${randomUUID()}`;
  return new InitializationError(
    id,
    { ...wanted, unsettled },
    `${error.message}\nWhether Keycard made it all the same could not be seen: ${reason.message}\n` +
      `The state keeps that as ${id}; the next \`pulumi up\` looks again, removes what was made, and makes it anew.`,
    { cause: error },
  );
}

/** For what is not begun, since an earlier one of its name is not settled: both would look the same later on. */
export function notBegun({ name }: Wanted): ResourceError {
  return new ResourceError(
    `Not begun: whether Keycard has made another one of the name "${name}" could not be settled. Run \`pulumi up\` again.`,
  );
}

/** What the next update does with one: it makes another, and then deletes what was lost. */
export const UNSETTLED_DIFFERENCE: Difference = { changes: true, replaces: ["id"] };

/**
 * Removes what a create that could not be settled has made, if anything.
 *
 * @throws {ResourceError} where there is more of it than can be ours
 */
export function removeUnsettled<Found extends Thing>(
  id: string,
  making: Making<Thing, Found>,
  { since, until, others, together }: Unsettled,
  { memory }: Keycard,
): Promise<void> {
  return memory.namesakes(making.wanted).turns.look(async () => {
    const search = { since: time(since), until: time(until), others: new Set(others) };
    const { found } = await look(making, search, memory).catch((error: unknown) => {
      throw stillUnsettled(id, making.wanted, error as Error);
    });
    const most = since === undefined || until === undefined ? 0 : together;
    if (found.length > most) throw tooMany(making.wanted, found, FORGET);
    if (found[0]) await making.remove(found[0].id);
  });
}

/** For what cannot be looked for now, either. Whether a place is gone is for those to say who know. */
function stillUnsettled(id: string, { name }: Wanted, error: Error): Error {
  if (error instanceof NotFoundError) return error;
  const told = `${error.message}\nWhether Keycard made "${name}", which the state keeps as ${id}, can still not be seen. Run it again when Keycard answers.`;
  return new ResourceError(told, { cause: error });
}

const FORGET =
  "A new one is in the state already. At most one of these was made for this stack; a single one that is left would be taken for it, and deleted. " +
  "So delete at Keycard those that nobody uses, and if any is left, take this entry out of the state: `pulumi state delete` with its URN, which `pulumi stack --show-urns` tells.";

function time(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}
