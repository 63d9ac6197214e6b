/** `MODEL_RUNS` says how many sequences to play, `MODEL_SEED` which, and `MODEL_PATH` a single one of them. */
import { sequence, withoutKills } from "./arbitraries";
import { explore } from "./explore";
import { FedStack } from "./fedStack";
import { play } from "./play";
import type { Sequence } from "./sequence";
import { Statistics } from "./statistics";
import { WarmHost } from "./warmHost";
import { WholeStack } from "./wholeStack";

/** Most of the time is spent waiting: so many sequences are played side by side. */
const lanes = 6;

const runs = Number(process.env["MODEL_RUNS"] || 300);
const seed = Number(process.env["MODEL_SEED"] || Math.floor(Math.random() * 2 ** 31));
const path = process.env["MODEL_PATH"];

test("whatever gets in the way of fed programs, one up without it brings everything in order", async () => {
  const statistics = new Statistics();
  const found = { failed: false };
  const progress = setInterval(() => report(statistics), 60_000);
  const lane = async (index: number) => {
    const host = new WarmHost();
    const which = { seed: seed + index, runs: Math.ceil(runs / lanes), path, tries: 200 };
    const played = explore(
      sequence,
      (rounds) => play(rounds, () => FedStack.open(host), statistics),
      which,
      found,
    );
    return played.finally(() => host.kill());
  };
  const failures = await Promise.all(Array.from({ length: path ? 1 : lanes }, (_, index) => lane(index)));
  clearInterval(progress);
  tell(statistics, failures);
}, 10_000_000);

test("whatever gets in the way of programs that are run, one up without it brings everything in order", async () => {
  const statistics = new Statistics();
  const played = (rounds: Sequence) => play(rounds, () => WholeStack.open(), statistics);
  tell(statistics, [await explore(withoutKills, played, { seed, runs: 2, path, tries: 5 })]);
});

function report(statistics: Statistics): void {
  process.stderr.write(`seed ${seed}: ${statistics}\n`);
}

function tell(statistics: Statistics, failures: (string | undefined)[]): void {
  report(statistics);
  const found = failures.filter((failure) => failure !== undefined);
  if (found.length > 0) throw new Error(found.join("\n\n"));
}
