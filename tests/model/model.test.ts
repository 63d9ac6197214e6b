/**
 * Half of the sequences run on the dynamic provider, half on the native one.
 * `MODEL_RUNS` is the number of sequences, `MODEL_SEED` chooses them, and `MODEL_PATH` selects a single one.
 */
import { sequence, withoutKills } from "./arbitraries";
import { explore } from "./explore";
import { InMemoryStack } from "./inMemoryStack";
import type { Provider } from "../support/provider";
import { play } from "./play";
import type { Sequence } from "./sequence";
import { Statistics } from "./statistics";
import { Hosts } from "../engine/standIn/hosts";
import { WholeStack } from "./wholeStack";

/** Number of sequences that run at the same time: most of their time is spent waiting. */
const lanes = 6;

const runs = Number(process.env["MODEL_RUNS"] || 300);
const seed = Number(process.env["MODEL_SEED"] || Math.floor(Math.random() * 2 ** 31));
const path = process.env["MODEL_PATH"];

/** A seed decides on the provider, too, so that a sequence can be played again. */
const providerOf = (seed: number): Provider => (seed % 2 === 0 ? "dynamic" : "native");

test("after any faults, one up without faults leaves exactly the declared objects, in memory", async () => {
  const statistics = new Statistics();
  const found = { failed: false };
  const progress = setInterval(() => report(statistics), 60_000);
  const lane = async (index: number) => {
    const hosts = new Hosts({ shortWaits: true });
    const own = seed + index;
    const open = () => InMemoryStack.open(hosts, providerOf(own));
    const selection = { seed: own, runs: Math.ceil(runs / lanes), path, tries: 200 };
    const played = explore(sequence, (rounds) => play(rounds, open, statistics), selection, found);
    return played.finally(() => hosts.kill());
  };
  const failures = await Promise.all(Array.from({ length: path ? 1 : lanes }, (_, index) => lane(index)));
  clearInterval(progress);
  conclude(statistics, failures);
}, 10_000_000);

test("after any faults, one up without faults leaves exactly the declared objects, with programs that run", async () => {
  const statistics = new Statistics();
  const explored = [seed, seed + 1].map((own) => {
    const played = (rounds: Sequence) => play(rounds, () => WholeStack.open(providerOf(own)), statistics);
    return explore(withoutKills, played, { seed: own, runs: 1, path, tries: 5 });
  });
  conclude(statistics, await Promise.all(explored));
});

function report(statistics: Statistics): void {
  process.stderr.write(`seed ${seed}: ${statistics}\n`);
}

function conclude(statistics: Statistics, failures: (string | undefined)[]): void {
  report(statistics);
  const found = failures.filter((failure) => failure !== undefined);
  if (found.length > 0) throw new Error(found.join("\n\n"));
}
