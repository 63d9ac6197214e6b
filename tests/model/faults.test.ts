/** Every kind of fault in every operation on both resources; the tables in docs/faults.md are what this run has seen. */
import type { FaultRule } from "pulumi-keycard/emulator";
import { documented, table } from "../docs";
import { EngineError } from "../engine";
import { configure } from "../engine/keycard";
import { expectSettled } from "./expected";
import { cases, effects, timeout } from "./faultCases";
import type { Case, Effect } from "./faultCases";
import { FedStack } from "./fedStack";
import { Keycard } from "./keycard";
import { createPlainly } from "./plainClient";
import type { Program } from "./sequence";
import { WarmHost } from "./warmHost";

const docs = "faults.md";
const nothing: Program = { accounts: {}, credentials: {} };
const kinds = Object.entries(effects);

/** Most of the time is spent waiting: so many cases are played side by side. */
const lanes = 4;

/** Works through all items, several at a time, each lane with a provider host of its own. */
async function inLanes<Item, Result>(
  items: Item[],
  work: (item: Item, host: WarmHost) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const lane = async () => {
    const host = new WarmHost();
    for (const [index, item] of left) results[index] = await work(item, host);
    host.kill();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

test.each([
  ["account", "once", 1, cases.account],
  ["credential", "once", 1, cases.credential],
  // Of the other operations, this shows only how often they are tried.
  ["account", "every time", 1000, cases.account.slice(0, 2)],
  ["credential", "every time", 1000, cases.credential.slice(0, 2)],
] as const)(
  "a fault in an operation on the %s, %s, leaves nothing behind",
  async (resource, often, times, cases) => {
    const all = kinds.flatMap(([, effect]) => cases.map((one) => [one, { ...effect, times }] as const));
    const cells = await inLanes(all, ([one, effect], host) => playCase(one, effect, host));
    const rows = kinds.map(([kind], index) => [
      kind,
      ...cells.slice(index * cases.length, (index + 1) * cases.length),
    ]);
    const header = ["the call meets", ...cases.map(({ column }) => column)];
    await documented(docs, `${resource}, ${often}`, table(header, rows));
  },
);

/** Plays a case, proves that nothing was doubled, left behind or lost, and tells what came of it, and by how many calls. */
async function playCase(
  { operation, skip = 0, first, before = nothing, then }: Case,
  effect: Effect & { times: number },
  host: WarmHost,
): Promise<string> {
  const keycard = await Keycard.start();
  const stack = await FedStack.open(host);
  try {
    await configure(stack, keycard.emulator);
    await stack.setConfig("keycard:timeout", String(timeout / 1000));
    await stack.up(before);
    const { length } = await keycard.requests();
    const rule: FaultRule = { operation, skip, ...effect };
    await keycard.addFaults(first ? [first, rule] : [rule]);
    const failed = await (then ? stack.up(then) : stack.refresh()).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        return true;
      },
    );
    const calls = (await keycard.requests()).slice(length).filter(({ operation }) => operation !== "token");
    await keycard.clearFaults();

    const wanted = then ?? before;
    if (!failed) await expectSettled(wanted, await stack.resources(), [], keycard);
    await stack.up(wanted);
    await expectSettled(wanted, await stack.resources(), [], keycard);
    return `${failed ? "failed cleanly" : "settled"}, ${calls.length}`;
  } finally {
    await keycard.emulator.close();
  }
}

test("a plain client that repeats what failed leaves duplicates and orphans", async () => {
  const rows = await inLanes(kinds, async ([kind, effect]) => {
    const accounts = await leftByPlainClient(effect, "createServiceAccount");
    const credentials = await leftByPlainClient(effect, "createCredential");
    return [kind, accounts, credentials];
  });
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
  expect(sum(1)).toBeGreaterThan(0);
  expect(sum(2)).toBeGreaterThan(0);
  const header = [
    "the first attempt meets",
    "accounts too many",
    "credentials that live, but whose secret nobody has",
  ];
  const body = rows.map((row) => row.map(String));
  await documented(
    docs,
    "plain client",
    table(header, [...body, ["together", String(sum(1)), String(sum(2))]]),
  );
});

/** Who is told that it failed tries once more, as everybody would; how many there are then beyond the one that was wanted. */
async function leftByPlainClient(
  effect: Effect,
  operation: "createServiceAccount" | "createCredential",
): Promise<number> {
  const keycard = await Keycard.start();
  try {
    const { emulator } = keycard;
    const accounts = `/organizations/${emulator.organizationId}/service-accounts`;
    const account = operation === "createCredential" ? await keycard.make({ name: "one" }, []) : undefined;
    const path = account ? `${accounts}/${account.id}/credentials` : accounts;
    await keycard.addFaults([{ operation, ...effect }]);
    await createPlainly(emulator, path, "one").catch(() => createPlainly(emulator, path, "one"));
    const made = (await keycard.things()).filter(
      ({ accountId }) => (accountId !== undefined) === (account !== undefined),
    );
    return made.length - 1;
  } finally {
    await keycard.emulator.close();
  }
}
