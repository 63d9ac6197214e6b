import { MalformedAnswerError } from "../sdk";
import { InitializationError } from "./errors";
import type { Created } from "./operations";

/**
 * Creates, and lets go of nothing that exists: where the answer is malformed but tells an ID, there is something at
 * Keycard with that ID, so what could be read of it is kept in the state and the next `up` repairs it.
 */
export async function keepCreated<Answer extends { id: string }, State extends object>(
  create: () => Promise<Answer>,
  toState: (answer: Answer) => State,
): Promise<Created<State>> {
  try {
    const answer = await create();
    return { id: answer.id, outs: toState(answer) };
  } catch (error) {
    if (!(error instanceof MalformedAnswerError)) throw error;
    const { id, ...rest } = texts(error.answer());
    if (!id) throw error;
    throw new InitializationError(id, texts(toState({ ...rest, id } as Answer)), error);
  }
}

/** The properties that are text, as all that we keep is. */
function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
