/**
 * Keycard cannot be told that two creates are the same one, and it tells a secret only once. So a create whose answer was lost is
 * never simply repeated: we look for what it made.
 */
import { MalformedResponseError } from "../../sdk";
import { exceedsMaxRetryAfter, isOutcomeUnknown, retry } from "../../sdk/internal";
import type { Keycard } from "../operations";
import { ResourceError } from "../errors";
import type { Seen } from "./look";
import { existing, look, tooMany } from "./look";
import type { Making, Told, Wanted } from "./making";
import type { Before, Lost, Memory, Namesakes, Thing } from "./memory";
import { keepUnsettled, notBegun, unsettledNow } from "./unsettled";

/**
 * Creates, once. Where an answer is lost, looks for what was made: takes it over, or removes it; only where nothing is left it
 * creates again, as often as the client repeats calls.
 *
 * @throws {InitializationError} where looking failed, too: the state keeps that it is unsettled
 * @throws {ResourceError} where more was found than was lost
 */
export function createOnce<Answer extends Thing, Found extends Thing>(
  making: Making<Answer, Found>,
  keycard: Keycard,
): Promise<Answer> {
  const { serviceAccountId } = making.wanted;
  const work = () => createAndSettle(making, keycard);
  return serviceAccountId === undefined ? work() : keycard.memory.turnsIn(serviceAccountId).create(work);
}

async function createAndSettle<Answer extends Thing, Found extends Thing>(
  making: Making<Answer, Found>,
  keycard: Keycard,
): Promise<Answer> {
  const before = await existing(making, keycard.memory);
  return retry(() => attempt(making, before, keycard), {
    maxRetries: keycard.client.maxRetries,
    shouldRetry: (error) => isOutcomeUnknown(error) && !exceedsMaxRetryAfter(error),
  });
}

async function attempt<Answer extends Thing, Found extends Thing>(
  making: Making<Answer, Found>,
  before: Before,
  keycard: Keycard,
): Promise<Answer> {
  const namesakes = keycard.memory.namesakes(making.wanted);
  const made = await namesakes.turns.create(() => create(making, namesakes, before, keycard));
  if ("answer" in made) return made.answer;
  const { lost } = made;
  await namesakes.turns.look(async () => {
    if (lost.outcome === undefined) await settle(making, namesakes, lost, before, keycard);
  });
  const found = lost.outcome?.() as Found | undefined; // Its own list told of it.
  const answer = found && (await making.takeOver(found, toldBy(lost)));
  if (answer === undefined) throw lost.error; // Nothing is left of it.
  return answer;
}

/** Creates, and notes what came of it before anybody looks. */
async function create<Answer extends Thing>(
  making: Making<Answer, Thing>,
  namesakes: Namesakes,
  before: Before,
  { client, memory }: Keycard,
): Promise<{ answer: Answer } | { lost: Lost }> {
  if (namesakes.closed) throw namesakes.closed;
  const { organizationId, description } = making.wanted;
  const since = client.serverTime;
  try {
    const answer = await making.create();
    if (before?.has(answer.id) || memory.known.has(answer.id)) throw notNew(making.wanted, answer);
    take(answer, making.wanted, memory);
    return { answer };
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    const lost: Lost = { organizationId, description: description || undefined, since, error };
    namesakes.lost.push(lost);
    return { lost };
  }
}

/** Settles all lost creates of identical things at once: which of them made which of what is found makes no difference. */
async function settle(
  making: Making<Thing, Thing>,
  namesakes: Namesakes,
  { organizationId, description }: Lost,
  before: Before,
  keycard: Keycard,
): Promise<void> {
  const isAlike = (lost: Lost) => lost.organizationId === organizationId && lost.description === description;
  const alike = namesakes.lost.filter(isAlike);
  namesakes.lost = namesakes.lost.filter((lost) => !isAlike(lost));
  const since = earliest(alike);
  let seen: Seen<Thing>;
  try {
    seen = await look(making, { since, others: before ?? new Map() }, keycard.memory);
  } catch (error) {
    namesakes.closed = notBegun(making.wanted);
    const unsettled = unsettledNow(
      making.wanted,
      { since, together: alike.length },
      before,
      namesakes,
      keycard,
    );
    return fail(alike, (lost) => keepUnsettled(making.wanted, unsettled, lost, error as Error));
  }
  const { found, untimely } = seen;
  const most = before ? alike.length : 0;
  // Too few of the right time, and others that were not there before: the clocks may be wrong.
  if (found.length > most || (found.length < most && untimely.length > 0)) {
    const adopt =
      making.wanted.serviceAccountId === undefined
        ? ', or take the right one over with adopt: "<its ID>"'
        : "";
    const advice = `None is in the state. At Keycard, delete those that nobody uses${adopt}; then run \`pulumi up\` again, which makes a new one otherwise.`;
    return fail(alike, () => tooMany(making.wanted, [...found, ...untimely], advice));
  }
  for (const one of found) take(one, making.wanted, keycard.memory);
  assign(found, alike);
}

/** For an answer that tells of something else. Whatever it is, it is not ours. */
function notNew({ name }: Wanted, { id }: Thing): ResourceError {
  return new ResourceError(
    `Keycard answered the creation of "${name}" with "${id}", which was there before. It was not touched, and is not in the state.`,
  );
}

function take(one: Thing, wanted: Wanted, memory: Memory): void {
  memory.claim(one, wanted);
  if (wanted.serviceAccountId === undefined) memory.made.add(one.id);
}

function earliest(alike: readonly Lost[]): number | undefined {
  const times = alike.map(({ since }) => since ?? -Infinity);
  const since = Math.min(...times);
  return Number.isFinite(since) ? since : undefined;
}

function fail(alike: readonly Lost[], failure: (lost: Lost) => Error): void {
  for (const lost of alike) {
    lost.outcome = () => {
      throw failure(lost);
    };
  }
}

/** First to those whose answer still told the ID, then to the others, some of which may have made nothing. */
function assign(found: readonly Thing[], alike: readonly Lost[]): void {
  const left = new Map(found.map((one) => [one.id, one]));
  const give = (lost: Lost, one: Thing | undefined) => {
    lost.outcome = () => one;
    if (one) left.delete(one.id);
  };
  for (const lost of alike) {
    const one = left.get(toldBy(lost)["id"] ?? "");
    if (one) give(lost, one);
  }
  for (const lost of alike.filter(({ outcome }) => outcome === undefined)) give(lost, [...left.values()][0]);
}

/** What of a malformed answer is text, as all is that matters here. */
function toldBy({ error }: Lost): Told {
  const answer = error instanceof MalformedResponseError ? error.response() : undefined;
  if (typeof answer !== "object" || answer === null) return {};
  return Object.fromEntries(
    Object.entries(answer).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
