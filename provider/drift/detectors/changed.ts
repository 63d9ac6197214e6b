import { objectOf } from "../comparison";
import type { Comparison } from "../comparison";
import type { FoundAccount, FoundCredential } from "../inventory/readInventory";
import * as remedies from "../remedies/remedies";
import { findingOf } from "../report/createFinding";
import type { Change, Finding } from "../report/finding";
import { baseName } from "../../rotation/state";
import { plainValue } from "../state/declarations";
import type { Declared } from "../state/declarations";
import { ENCRYPTED } from "../state/readState";

/** Finds accounts and credentials whose name or description differs from the state. */
export function* changed(comparison: Comparison): Iterable<Finding> {
  for (const one of comparison.declarations.currentObjects()) {
    const found = objectOf(comparison, one);
    const changes = found ? changesOf(one, found) : [];
    if (!found || changes.length === 0) continue;
    yield findingOf(found, {
      kind: "changed",
      reason: "It differs from the stack's state.",
      remedies: [
        remedies.run("restore the stack's value", one, "up", "--refresh"),
        remedies.keepChanges(found, changes),
      ],
      declared: one,
      changes,
    });
  }
}

/** Compares name and description. An empty description equals none; a secret one is not compared. */
export function changesOf(one: Declared, found: FoundAccount | FoundCredential): Change[] {
  return (["name", "description"] as const).flatMap((property) => {
    const isName = property === "name" && one.generation !== undefined;
    const value = isName
      ? baseName(found.name, one.generation.number, plainValue(one.name) ?? "")
      : found[property];
    const [inStack, atKeycard] = [plainValue(one[property]) ?? null, value || null];
    return one[property] === ENCRYPTED || inStack === atKeycard ? [] : [{ property, inStack, atKeycard }];
  });
}
