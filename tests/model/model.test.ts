/**
 * Plays random sequences. `MODEL_RUNS` says how many, `MODEL_SEED` which; a sequence that fails is told shrunk, with the
 * command that plays it again.
 */
import fc from "fast-check";
import type { RunDetails } from "fast-check";
import { sequence } from "./arbitraries";
import { FedStack } from "./fedStack";
import { play } from "./play";
import type { Sequence } from "./sequence";
import { Statistics } from "./statistics";
import { WarmHost } from "./warmHost";

/** Most of the time is spent waiting: so many sequences are played side by side. */
const lanes = 6;
/** How often a failing sequence is tried to be shrunk. */
const mostTries = 200;

const runs = Number(process.env["MODEL_RUNS"] || 300);
const seed = Number(process.env["MODEL_SEED"] || Math.floor(Math.random() * 2 ** 31));
const path = process.env["MODEL_PATH"];

test("whatever gets in the way, one up without it brings everything in order", async () => {
  const statistics = new Statistics();
  const lane = async (index: number): Promise<string | undefined> => {
    const host = new WarmHost();
    let tries = mostTries;
    const property = fc.asyncProperty(sequence, async (rounds) => {
      if (tries === 0) return;
      if (tries < mostTries) tries--;
      try {
        await play(rounds, () => FedStack.open(host), statistics);
      } catch (error) {
        if (tries === mostTries) tries--;
        throw error;
      }
    });
    const details = await fc.check(property, {
      seed: seed + index,
      numRuns: Math.ceil(runs / lanes),
      ...(path && { path, endOnFailure: true }),
    });
    host.kill();
    return details.failed ? report(details) : undefined;
  };
  const found = await Promise.all(Array.from({ length: path ? 1 : lanes }, (_, index) => lane(index)));
  process.stderr.write(`model: seed ${seed}: ${statistics}\n`);
  const failures = found.filter((failure) => failure !== undefined);
  if (failures.length > 0) throw new Error(failures.join("\n\n"));
}, 10_000_000);

function report({ seed, counterexample, counterexamplePath, errorInstance }: RunDetails<[Sequence]>): string {
  const [rounds = []] = counterexample ?? [];
  return [
    "These rounds fail:",
    ...rounds.map((round) => JSON.stringify(round)),
    (errorInstance as Error | null)?.message,
    `To play them again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} npm run test:model`,
  ].join("\n");
}
