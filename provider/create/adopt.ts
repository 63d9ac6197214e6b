/** Taking over what exists at Keycard: what was made by hand, or by an update that was killed before it could tell. */
import { setTimeout as sleep } from "node:timers/promises";
import { listed, unclaimed } from "./search";
import type { Memory, Thing } from "../session/memory";
import { InitializationError, ResourceError } from "../errors";
import type { Keycard, Operations, Created } from "../resources/operations";

/** What says which thing is meant, where one is to be taken over. */
interface Adoption {
  adopt?: boolean | string;
  organizationId: string;
  name: string;
}

/**
 * Notes that a resource exists which was to take something over when it was made. Where it is replaced, the one in its place has the
 * same inputs, and must not take over the very thing that is deleted afterwards. Pulumi asks for a difference only where a
 * replacement is not settled already, so each one counts as replaced until its difference says otherwise.
 */
export function noteExisting(inputs: Partial<Adoption>, { replacing }: Memory): void {
  if (inputs.adopt) replacing.set(keyOf(inputs), (replacing.get(keyOf(inputs)) ?? 0) + 1);
}

/** Notes that a resource which exists stays. */
export function noteStaying(inputs: Partial<Adoption>, { replacing }: Memory): void {
  if (inputs.adopt) replacing.set(keyOf(inputs), Math.max(0, (replacing.get(keyOf(inputs)) ?? 0) - 1));
}

/** Milliseconds within which Pulumi asks for the difference of what it has checked; it goes on with others meanwhile. */
const DIFFERENCE_WITHIN = 2000;

/** Whether something is to be taken over. */
export async function isToAdopt(inputs: Adoption, { replacing, deleted }: Memory): Promise<boolean> {
  // What is deleted before it is replaced may be checked as if it had never been.
  if (!inputs.adopt || (typeof inputs.adopt === "string" && deleted.has(inputs.adopt))) return false;
  const isReplacement = () => Boolean(replacing.get(keyOf(inputs)));
  for (let waited = 0; isReplacement() && waited < DIFFERENCE_WITHIN; waited += 50) await sleep(50);
  return !isReplacement();
}

function keyOf({ adopt, organizationId, name }: Partial<Adoption>): string {
  return JSON.stringify(adopt === true ? [organizationId, name] : adopt);
}

/** The one thing of a name that no resource has; `undefined` where there is none. */
export function findByName<Found extends Thing>(
  { name }: Adoption,
  list: () => AsyncIterable<Found>,
  { memory }: Keycard,
): Promise<Found | undefined> {
  const namesakes = memory.namesakes({ name });
  return namesakes.turns.look(async () => {
    if (namesakes.closed) throw namesakes.closed;
    const found = await unclaimed(list(), (one) => one.name === name, memory);
    if (found.length > 1) throw several(name, found);
    if (found[0]) {
      memory.claim(found[0], { name });
      memory.adopted.add(found[0].id);
    }
    return found[0];
  });
}

function several(name: string, found: readonly Thing[]): ResourceError {
  return new ResourceError(
    `adopt: true takes over the one service account named "${name}", but there are ${found.length}:\n${listed(found)}\nName the right one: adopt: "<its ID>".`,
  );
}

/** The thing of an ID. @throws {ResourceError} where there is none, or another resource has it */
export async function findById<Found extends Thing>(
  id: string,
  retrieve: () => Promise<Found | undefined>,
  { memory }: Keycard,
): Promise<Found> {
  if (memory.known.has(id)) {
    throw new ResourceError(`adopt: another resource of this program manages "${id}" already.`);
  }
  memory.known.add(id); // Before anybody else can ask.
  const found = await retrieve().catch((error: unknown) => {
    memory.known.delete(id);
    throw error;
  });
  if (found === undefined) {
    throw new ResourceError(
      `adopt: Keycard has nothing with the ID "${id}" there. Check it (an ID, not a client ID), and where it is; to make a new one, take the input adopt away.`,
    );
  }
  memory.adopted.add(id);
  return found;
}

/** Brings what was taken over to what the program says. Where that fails, the state has it all the same. */
export async function bring<Inputs extends Adoption, State extends object>(
  id: string,
  state: State,
  inputs: Inputs,
  { diff, update }: Operations<Inputs, State>,
  keycard: Keycard,
): Promise<Created<State>> {
  try {
    const { changes } = await diff(id, state, inputs, keycard);
    return { id, outs: changes ? await update(id, state, inputs, keycard) : state };
  } catch (error) {
    const told = `${(error as Error).message}\nIt was taken over as ${id} and is in the state; the next \`pulumi up\` brings it to what the program says.`;
    const kept = error instanceof InitializationError ? error.properties : state;
    throw new InitializationError(id, kept, told, { cause: error });
  }
}
