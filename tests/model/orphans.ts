import type { Outcome } from "../engine";
import type { StoredResource } from "../engine/decrypted";
import { declaration, declarations, nameOf } from "./expected";
import type { RemoteObject } from "./keycard";
import { generationName } from "../../dist/provider/rotation/state";
import { nextName, partsOf } from "./parts";
import type { Program, Texts } from "./sequence";

/** An `up` in which a process was killed. */
export interface KilledUp {
  program: Program;
  outcome: Outcome;
  /** The objects at Keycard before it. */
  before: RemoteObject[];
  stateBefore: StoredResource[];
  /** The state that it wrote. */
  state: StoredResource[];
}

/**
 * Returns the objects that a killed `up` created at Keycard and did not write into the state. Throws unless each belongs to a resource
 * that was being created, and no resource has two.
 */
export function orphansOf(killed: KilledUp, after: RemoteObject[]): RemoteObject[] {
  const { program, outcome, before, state } = killed;
  const old = new Set(before.map(({ id }) => id));
  const existing = new Set(after.map(({ id }) => id));
  const fresh = partsOf(state).filter(({ id }) => existing.has(id) && !old.has(id));
  const known = new Set([...old, ...fresh.map(({ id }) => id)]);
  const orphans = after.filter(({ id }) => !known.has(id));

  const written = new Set(fresh.map(({ urn }) => urn));
  // A rotation is an update that creates.
  const creates = ({ op, type }: Outcome["steps"][number]) =>
    op.startsWith("create") || (op === "update" && type.endsWith(":RotatingCredential"));
  const begun = outcome.steps.filter((step) => creates(step) && !written.has(step.urn));
  const declared = createdTexts(program, state);
  // A resource with fewer possible objects comes first, so that it does not lose its only one to another.
  const missing = begun.map(({ name }) => [...new Set(declared.get(name))]);
  missing.sort((one, other) => one.length - other.length);
  const accounts = new Map(state.map(({ id, urn }) => [id, nameOf(urn)]));
  const declare = (object: RemoteObject) => declaration(object, accounts.get(object.accountId));
  for (const object of orphans) {
    const text = declare(object);
    const place = missing.findIndex((texts) => texts.includes(text));
    if (place < 0)
      throw new Error(`The kill left an object that was not being created, or a second one: ${text}`);
    missing.splice(place, 1);
  }
  const pending = newlyPending(killed).map(({ urn }) => declared.get(nameOf(urn)));
  return orphans.filter((object) => {
    const place = pending.findIndex((texts) => texts?.includes(declare(object)));
    if (place >= 0) pending.splice(place, 1);
    return place < 0;
  });
}

/** Returns the resources that became pending verification: the next update deletes one object of each. */
function newlyPending({ stateBefore, state }: KilledUp): StoredResource[] {
  const isPending = ({ outputs }: StoredResource) => "pendingVerification" in outputs;
  const old = new Set(stateBefore.filter(isPending).map(({ id }) => id));
  return state.filter((resource) => isPending(resource) && !old.has(resource.id));
}

/** Describes what each resource creates next. A rotation creates it with the texts in the state, and then renames it. */
function createdTexts(program: Program, state: StoredResource[]): Map<string, string[]> {
  const texts = [...declarations(program)].map(([key, text]): [string, string[]] => [key, [text]]);
  const rotating = Object.entries(program.credentials).flatMap(([key, { rotating, ...declared }]) => {
    if (!rotating) return [];
    const resource = state.find(
      ({ urn, type }) => nameOf(urn) === key && type.endsWith(":RotatingCredential"),
    );
    const recorded = (resource?.outputs ?? declared) as unknown as Texts;
    const first = declaration({ ...declared, name: generationName(declared.name, 1) }, declared.account);
    const next = [recorded, declared].map(({ name, description }) =>
      declaration(
        { name: nextName(name, resource), ...(description ? { description } : {}) },
        declared.account,
      ),
    );
    // A replacement begins with the first one.
    return [[key, [...next, first]] satisfies [string, string[]]];
  });
  return new Map([...texts, ...rotating]);
}
