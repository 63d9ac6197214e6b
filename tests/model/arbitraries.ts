/** Random sequences. There are few names and descriptions, so that many objects are alike. */
import fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type { FaultRule, OperationId } from "pulumi-keycard/emulator";
import { timeout } from "./sequence";
import type { ByHand, Kill, Texts, Program, Rotating, Round, Sequence, ExternalObject } from "./sequence";

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

const texts: Arbitrary<Texts> = fc.record(
  { name: fc.constantFrom("same", "same", "other"), description: fc.constant("of the same kind") },
  { requiredKeys: ["name"] },
);

const rotating: Arbitrary<Rotating> = fc.record(
  { trigger: fc.constantFrom("1", "2"), rotateAfter: fc.constant("30d") },
  { requiredKeys: ["trigger"] },
);

function some<T>(keys: string[], value: Arbitrary<T>): Arbitrary<Record<string, T>> {
  return fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: keys.length, noNullPrototype: true });
}

const program: Arbitrary<Program> = fc
  .record({
    accounts: some(accountKeys, texts),
    credentials: some(credentialKeys, fc.tuple(texts, fc.nat(3), fc.option(rotating, { nil: undefined }))),
  })
  .map(({ accounts, credentials }) => {
    // Each credential belongs to one of the accounts; without accounts there are no credentials.
    const keys = Object.keys(accounts).sort();
    const placed = Object.entries(credentials).flatMap(([key, [seen, place, rotating]]) => {
      const account = keys[place % keys.length];
      return account === undefined
        ? []
        : [[key, { ...seen, account, ...(rotating && { rotating }) }] as const];
    });
    return { accounts, credentials: Object.fromEntries(placed) };
  });

const byHand: Arbitrary<ByHand> = fc.oneof(
  fc.record({ target: fc.nat(9), set: texts }),
  fc.record({ target: fc.nat(9), delete: fc.constant(true as const) }),
);

/** Some have the name that a `RotatingCredential` gives to its next credential. */
const externalTexts = fc
  .tuple(texts, fc.constantFrom("", "", " (1)", " (2)"))
  .map(([{ name, ...rest }, number]) => ({ ...rest, name: name + number }));

const externalObject: Arbitrary<ExternalObject> = fc
  .tuple(externalTexts, fc.option(fc.nat(5), { nil: undefined }))
  .map(([seen, credentialOf]) => ({ ...seen, ...(credentialOf !== undefined && { credentialOf }) }));

// Mostly faults of creates. No 404: the provider would have to believe it.
const operation: Arbitrary<FaultRule["operation"]> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...creations) },
  { weight: 2, arbitrary: fc.constantFrom(...lists) },
  { weight: 2, arbitrary: fc.constantFrom(...others) },
  { weight: 1, arbitrary: fc.constant("*" as const) },
);

type Effect = Omit<FaultRule, "operation" | "skip" | "times">;

const executed: Arbitrary<Effect> = fc.constantFrom<Effect>(
  { reset: true, commit: true },
  { status: 500, commit: true },
  { status: 502, commit: true },
  { status: 503, retryAfter: 1, commit: true },
  { body: "malformed" },
  { body: "truncated" },
  { delayMs: timeout * 1.5, commit: true },
  // Only slow, while creates of similar objects fail.
  { delayMs: timeout / 4, commit: true },
  { delayMs: timeout / 4, commit: true },
);

// The delay stays below the timeout: nobody could decide about a request that is executed after it.
const notExecuted: Arbitrary<Effect> = fc.constantFrom<Effect>(
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
    fc.oneof({ weight: 3, arbitrary: executed }, { weight: 2, arbitrary: notExecuted }),
    fc.nat(2),
    fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
      { weight: 1, arbitrary: fc.constant(1000) },
    ),
  )
  // The client would wait for minutes for a server that refuses everything.
  .map(([operation, effect, skip, times]) => ({
    operation,
    ...effect,
    skip,
    times: effect.status === 429 ? Math.min(times, 3) : times,
  }));

const kill: Arbitrary<Kill> = fc.record({
  victim: fc.oneof(
    { weight: 3, arbitrary: fc.constant("engine" as const) },
    // The next host needs a new process, which takes long.
    { weight: 1, arbitrary: fc.constant("host" as const) },
  ),
  operation: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...creations) },
    { weight: 2, arbitrary: fc.constantFrom(...lists, ...others) },
  ),
  after: fc.nat(2),
});

/** Returns `nothing` two times out of three. */
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
      rotate: fc.boolean(),
      days: seldom(fc.constantFrom(1, 31), 0),
      program: fc.option(program, { nil: undefined, freq: 3 }),
      byHand: seldom(fc.array(byHand, { minLength: 1, maxLength: 2 }), []),
      external: fc.array(externalObject, { maxLength: 3 }),
      faults: fc.array(fault, { maxLength: 4 }),
      refresh: seldom(fc.constant(true), false),
      kill,
    })
    .map(({ program, kill, ...rest }) => ({ ...rest, ...(program && { program }), ...(kill && { kill }) }));

export const sequence: Arbitrary<Sequence> = fc.array(round(seldom(kill, undefined)), {
  minLength: 1,
  maxLength: 3,
});

/** Short sequences without kills. */
export const withoutKills: Arbitrary<Sequence> = fc.array(round(fc.constant(undefined)), {
  minLength: 1,
  maxLength: 2,
});
