/** Random sequences. Names and descriptions are few, so that many things look alike. */
import fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { FaultRule, OperationId } from "pulumi-keycard/emulator";
import { timeout } from "./sequence";
import type { ByHand, Kill, Look, Program, Round, Sequence, Stranger } from "./sequence";

const accountKeys = ["a", "b", "c", "d"];
const credentialKeys = ["k", "l", "m", "n", "o", "p"];

const creations: OperationId[] = ["createServiceAccount", "createCredential"];
const lists: OperationId[] = ["listServiceAccounts", "listCredentials"];
const others: OperationId[] = [
  "retrieveServiceAccount",
  "retrieveCredential",
  "updateServiceAccount",
  "updateCredential",
  "deleteServiceAccount",
  "deleteCredential",
  "token",
];

const look: Arbitrary<Look> = fc.record(
  { name: fc.constantFrom("same", "same", "other"), description: fc.constant("of the same kind") },
  { requiredKeys: ["name"] },
);

function some<T>(keys: string[], value: Arbitrary<T>): Arbitrary<Record<string, T>> {
  return fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: keys.length, noNullPrototype: true });
}

const program: Arbitrary<Program> = fc
  .record({
    accounts: some(accountKeys, look),
    credentials: some(credentialKeys, fc.tuple(look, fc.nat(3))),
  })
  .map(({ accounts, credentials }) => {
    // Each credential is for one of the accounts that there are; without accounts there are no credentials.
    const keys = Object.keys(accounts).sort();
    const placed = Object.entries(credentials).flatMap(([key, [seen, place]]) => {
      const account = keys[place % keys.length];
      return account === undefined ? [] : [[key, { ...seen, account }] as const];
    });
    return { accounts, credentials: Object.fromEntries(placed) };
  });

const byHand: Arbitrary<ByHand> = fc.oneof(
  fc.record({ target: fc.nat(9), set: look }),
  fc.record({ target: fc.nat(9), delete: fc.constant(true as const) }),
);

const stranger: Arbitrary<Stranger> = fc
  .tuple(look, fc.option(fc.nat(5), { nil: undefined }))
  .map(([seen, credentialOf]) => ({ ...seen, ...(credentialOf !== undefined && { credentialOf }) }));

// What keeps the provider from creating is what this is about. No 404: Keycard would be lying, and be believed.
const operation: Arbitrary<FaultRule["operation"]> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...creations) },
  { weight: 2, arbitrary: fc.constantFrom(...lists) },
  { weight: 2, arbitrary: fc.constantFrom(...others) },
  { weight: 1, arbitrary: fc.constant("*" as const) },
);

type Effect = Omit<FaultRule, "operation" | "skip" | "times">;

const acted: Arbitrary<Effect> = fc.constantFrom<Effect>(
  { reset: true, commit: true },
  { status: 500, commit: true },
  { status: 502, commit: true },
  { status: 503, retryAfter: 1, commit: true },
  { body: "malformed" },
  { body: "truncated" },
  { delayMs: timeout * 1.5, commit: true },
  // Not lost, only late: others that are alike go wrong meanwhile.
  { delayMs: timeout / 4, commit: true },
  { delayMs: timeout / 4, commit: true },
);

// A call that acts only after the client has given it up is beyond what anybody can decide: the delay stays below that.
const notActed: Arbitrary<Effect> = fc.constantFrom<Effect>(
  { reset: true },
  { status: 503 },
  { status: 504 },
  { status: 408 },
  { status: 429 },
  { status: 429, retryAfter: 1 },
  { status: 401 },
  { status: 403 },
  { status: 409 },
  { status: 422 },
  { delayMs: 20 },
);

const fault: Arbitrary<FaultRule> = fc
  .tuple(
    operation,
    fc.oneof({ weight: 3, arbitrary: acted }, { weight: 2, arbitrary: notActed }),
    fc.nat(2),
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
      { weight: 1, arbitrary: fc.constant(1000) },
    ),
  )
  // A server that refuses everything is borne for minutes.
  .map(([operation, effect, skip, times]) => ({
    operation,
    ...effect,
    skip,
    times: effect.status === 429 ? Math.min(times, 3) : times,
  }));

const kill: Arbitrary<Kill> = fc.record({
  victim: fc.oneof(
    { weight: 3, arbitrary: fc.constant("engine" as const) },
    // A new process for the next host takes its time.
    { weight: 1, arbitrary: fc.constant("host" as const) },
  ),
  operation: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...creations) },
    { weight: 2, arbitrary: fc.constantFrom(...lists, ...others) },
  ),
  after: fc.nat(2),
});

/** Mostly nothing. */
function seldom<T, Nothing>(value: Arbitrary<T>, nothing: Nothing): Arbitrary<T | Nothing> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant(nothing) },
    { weight: 1, arbitrary: value },
  );
}

const round = (kill: Arbitrary<Kill | undefined>): Arbitrary<Round> =>
  fc
    .record({
      program: fc.option(program, { nil: undefined, freq: 3 }),
      byHand: seldom(fc.array(byHand, { minLength: 1, maxLength: 2 }), []),
      strangers: fc.array(stranger, { maxLength: 3 }),
      faults: fc.array(fault, { maxLength: 4 }),
      refresh: seldom(fc.constant(true), false),
      kill,
    })
    .map(({ program, kill, ...rest }) => ({ ...rest, ...(program && { program }), ...(kill && { kill }) }));

export const sequence: Arbitrary<Sequence> = fc.array(round(seldom(kill, undefined)), {
  minLength: 1,
  maxLength: 3,
});

/** Short ones, in which nothing is killed. */
export const withoutKills: Arbitrary<Sequence> = fc.array(round(fc.constant(undefined)), {
  minLength: 1,
  maxLength: 2,
});
