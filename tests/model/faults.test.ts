/** Each fault in each operation on the resources, half of them on the native provider. This run writes the tables in docs/faults.md. */
import type { FaultRule } from "pulumi-keycard/emulator";
import { documented, table } from "../docs";
import { EngineError } from "../engine";
import { configure } from "../engine/keycard";
import { expectDeclared } from "./expected";
import { cases, effects, timeout } from "./faultCases";
import type { Case, Effect } from "./faultCases";
import { InMemoryStack } from "./inMemoryStack";
import { Keycard } from "./keycard";
import { createWithPlainClient } from "./plainClient";
import type { Program } from "./sequence";
import { Hosts } from "../engine/standIn/hosts";

const docs = "faults.md";
const nothing: Program = { accounts: {}, credentials: {} };
const kinds = Object.entries(effects);

/** Number of cases that run at the same time: most of their time is spent waiting. */
const lanes = 4;

/** Processes all items, several at a time, each lane with a provider host of its own. */
async function inLanes<Item, Result>(
  items: Item[],
  work: (item: Item, hosts: Hosts, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const lane = async () => {
    const hosts = new Hosts({ shortWaits: true });
    for (const [index, item] of left) results[index] = await work(item, hosts, index);
    await hosts.kill();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

test.each([
  ["account", "once", 1, cases.account],
  ["credential", "once", 1, cases.credential],
  ["rotation", "once", 1, cases.rotation],
  // For the other operations, this would only show the number of attempts.
  ["account", "every time", 1000, cases.account.slice(0, 2)],
  ["credential", "every time", 1000, cases.credential.slice(0, 2)],
  ["rotation", "every time", 1000, cases.rotation.slice(0, 3)],
] as const)(
  "a fault in a step on the %s, %s, leaves nothing behind",
  async (resource, often, times, cases) => {
    // A call waits for two minutes before it gives up after a 429.
    const met = kinds.filter(([kind]) => often === "once" || kind !== "429 with Retry-After: 1");
    const all = met.flatMap(([, effect]) => cases.map((one) => [one, { ...effect, times }] as const));
    const cells = await inLanes(all, ([one, effect], hosts, index) => {
      // Of the cells in a row, and of those in a column, each other one is on the native provider.
      const [row, column] = [Math.floor(index / cases.length), index % cases.length];
      const isNative = (row + column) % 2 === 1;
      return playCase(one, effect, () => InMemoryStack.open(hosts, isNative ? "native" : "dynamic"));
    });
    const rows = met.map(([kind], index) => [
      kind,
      ...cells.slice(index * cases.length, (index + 1) * cases.length),
    ]);
    const header = ["fault", ...cases.map(({ column }) => column)];
    await documented(docs, `${resource}, ${often}`, table(header, rows));
  },
);

/** Runs a case, checks that there is no duplicate, no orphan and no lost secret, and returns its result and number of calls. */
async function playCase(
  { operation, skip = 0, first, before = [nothing], days, then }: Case,
  effect: Effect & { times: number },
  open: () => Promise<InMemoryStack>,
): Promise<string> {
  const keycard = await Keycard.start();
  const stack = await open();
  try {
    await configure(stack, keycard.emulator);
    await stack.setConfig("keycard:timeout", String(timeout / 1000));
    for (const program of before) await stack.up(program);
    if (days !== undefined) await keycard.advance(days);
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

    const wanted = then ?? before.at(-1) ?? nothing;
    if (!failed) await expectDeclared(wanted, await stack.resources(), [], keycard);
    await stack.up(wanted);
    await expectDeclared(wanted, await stack.resources(), [], keycard);
    return `${failed ? "failed cleanly" : "succeeded"}, ${calls.length}`;
  } finally {
    await keycard.emulator.close();
  }
}

test("a plain client that retries failed creates leaves duplicates and orphans", async () => {
  const rows = await inLanes(kinds, async ([kind, effect]) => {
    const accounts = await extrasOfPlainClient(effect, "createServiceAccount");
    const credentials = await extrasOfPlainClient(effect, "createCredential");
    return [kind, accounts, credentials];
  });
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
  expect(sum(1)).toBeGreaterThan(0);
  expect(sum(2)).toBeGreaterThan(0);
  const header = ["fault in the first attempt", "extra accounts", "working credentials whose secret is lost"];
  const body = rows.map((row) => row.map(String));
  await documented(docs, "plain client", table(header, [...body, ["total", String(sum(1)), String(sum(2))]]));
});

/** Creates an object, once more if the client reports a failure; returns the number of objects beyond the first. */
async function extrasOfPlainClient(
  effect: Effect,
  operation: "createServiceAccount" | "createCredential",
): Promise<number> {
  const keycard = await Keycard.start();
  try {
    const { emulator } = keycard;
    const accounts = `/organizations/${emulator.organizationId}/service-accounts`;
    const account =
      operation === "createCredential" ? await keycard.createExternal({ name: "one" }, []) : undefined;
    const path = account ? `${accounts}/${account.id}/credentials` : accounts;
    await keycard.addFaults([{ operation, ...effect }]);
    await createWithPlainClient(emulator, path, "one").catch(() =>
      createWithPlainClient(emulator, path, "one"),
    );
    const created = (await keycard.objects()).filter(
      ({ accountId }) => (accountId !== undefined) === (account !== undefined),
    );
    return created.length - 1;
  } finally {
    await keycard.emulator.close();
  }
}
