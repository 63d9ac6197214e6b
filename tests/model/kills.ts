import type { Outcome } from "../engine";
import type { StoredResource } from "../engine/decrypted";
import { declaration, declarations, nameOf } from "./expected";
import type { Thing } from "./keycard";
import type { Program } from "./sequence";

/** What is known of an `up` in which something was killed. */
export interface KilledUp {
  program: Program;
  outcome: Outcome;
  /** What was at Keycard before it. */
  before: Thing[];
  stateBefore: StoredResource[];
  /** What it wrote into the state. */
  state: StoredResource[];
}

/**
 * What a killed `up` left at Keycard that no state knows. Each must be a resource that was being created, of which nothing has
 * come into the state; and of no such resource may there be two.
 */
export function leftBy(killed: KilledUp, after: Thing[]): Thing[] {
  const { program, outcome, before, state } = killed;
  const old = new Set(before.map(({ id }) => id));
  const there = new Set(after.map(({ id }) => id));
  const fresh = state.filter(({ id = "" }) => there.has(id) && !old.has(id));
  const known = new Set([...old, ...fresh.map(({ id }) => id)]);
  const left = after.filter(({ id }) => !known.has(id));

  const written = new Set(fresh.map(({ urn }) => urn));
  const begun = outcome.steps.filter(({ op, urn }) => op.startsWith("create") && !written.has(urn));
  const declared = declarations(program);
  const missing = begun.map(({ name }) => declared.get(name));
  const accounts = new Map(state.map(({ id, urn }) => [id, nameOf(urn)]));
  const declare = (thing: Thing) => declaration(thing, accounts.get(thing.accountId));
  for (const thing of left) {
    const text = declare(thing);
    const place = missing.indexOf(text);
    if (place < 0) throw new Error(`The kill left what was not being created, or twice: ${text}`);
    missing.splice(place, 1);
  }
  const doomed = newlyUnsettled(killed).map(({ urn }) => declared.get(nameOf(urn)));
  return left.filter((thing) => {
    const place = doomed.indexOf(declare(thing));
    if (place >= 0) doomed.splice(place, 1);
    return place < 0;
  });
}

/** The next update removes the first that it finds of each of these. */
function newlyUnsettled({ stateBefore, state }: KilledUp): StoredResource[] {
  const old = new Set(stateBefore.map(({ id }) => id));
  return state.filter(({ id, outputs }) => "pendingVerification" in outputs && !old.has(id));
}
