/** `MODEL_RUNS` is the number of sequences, `MODEL_SEED` chooses them, and `MODEL_PATH` selects a single one. */
import { sequence, withoutKills } from "./arbitraries";
import { explore } from "./explore";
import { InMemoryStack } from "./inMemoryStack";
import { play } from "./play";
import type { Sequence } from "./sequence";
import { Statistics } from "./statistics";
import { WarmHost } from "../engine/standIn/warmHost";
import { WholeStack } from "./wholeStack";

/** Number of sequences that run at the same time: most of their time is spent waiting. */
const lanes = 6;

const runs = Number(process.env["MODEL_RUNS"] || 300);
const seed = Number(process.env["MODEL_SEED"] || Math.floor(Math.random() * 2 ** 31));
const path = process.env["MODEL_PATH"];

test("after any faults, one up without faults leaves exactly the declared objects, in memory", async () => {
  const statistics = new Statistics();
  const found = { failed: false };
  const progress = setInterval(() => report(statistics), 60_000);
  const lane = async (index: number) => {
    const host = new WarmHost(["--short-waits"]);
    const selection = { seed: seed + index, runs: Math.ceil(runs / lanes), path, tries: 200 };
    const played = explore(
      sequence,
      (rounds) => play(rounds, () => InMemoryStack.open(host), statistics),
      selection,
      found,
    );
    return played.finally(() => host.kill());
  };
  const failures = await Promise.all(Array.from({ length: path ? 1 : lanes }, (_, index) => lane(index)));
  clearInterval(progress);
  conclude(statistics, failures);
}, 10_000_000);

test("after any faults, one up without faults leaves exactly the declared objects, with programs that run", async () => {
  const statistics = new Statistics();
  const played = (rounds: Sequence) => play(rounds, () => WholeStack.open(), statistics);
  conclude(statistics, [await explore(withoutKills, played, { seed, runs: 2, path, tries: 5 })]);
});

function report(statistics: Statistics): void {
  process.stderr.write(`seed ${seed}: ${statistics}\n`);
}

function conclude(statistics: Statistics, failures: (string | undefined)[]): void {
  report(statistics);
  const found = failures.filter((failure) => failure !== undefined);
  if (found.length > 0) throw new Error(found.join("\n\n"));
}
