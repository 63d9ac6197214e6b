import fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { Sequence } from "./sequence";

/** The sequences to play; `path` selects a single one of the seed. */
export interface Selection {
  seed: number;
  runs: number;
  path?: string | undefined;
  /** Maximum number of plays that shrink a failing sequence. */
  tries: number;
}

/**
 * Plays random sequences one after the other until one fails. Returns `undefined`, or a report: the shrunk sequence, the error, and
 * the command that plays it again.
 *
 * @param others ends this exploration when a concurrent one has found a failure
 */
export async function explore(
  sequences: Arbitrary<Sequence>,
  play: (sequence: Sequence) => Promise<void>,
  { seed, runs, path, tries }: Selection,
  others: { failed: boolean } = { failed: false },
): Promise<string | undefined> {
  let left: number | undefined;
  const property = fc.asyncProperty(sequences, async (sequence) => {
    if (left === undefined ? others.failed : left-- <= 0) return;
    await play(sequence).catch((error: unknown) => {
      others.failed = true;
      left ??= tries;
      throw error;
    });
  });
  const chosen = path === undefined ? { seed, numRuns: runs } : { seed, path, endOnFailure: true };
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(property, chosen);
  if (!failed) return undefined;
  return [
    "These rounds fail:",
    ...(counterexample?.[0] ?? []).map((round) => JSON.stringify(round)),
    (errorInstance as Error | null)?.message,
    `To play them again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} npm run test:model -- -t "${expect.getState().currentTestName}"`,
  ].join("\n");
}
