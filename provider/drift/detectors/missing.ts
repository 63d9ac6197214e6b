import { objectOf } from "../comparison";
import type { Comparison } from "../comparison";
import * as remedies from "../remedies/remedies";
import { findingOfMissing } from "../report/createFinding";
import type { Finding } from "../report/finding";
import { plainValue } from "../state/declarations";
import type { Declared } from "../state/declarations";

/** Finds accounts and credentials that a stack manages or reads, and Keycard does not have. */
export function* missing(comparison: Comparison): Iterable<Finding> {
  const { declarations } = comparison;
  const isMissing = (one: Declared) => isFindable(one) && !objectOf(comparison, one);
  for (const one of declarations.currentObjects().filter(isMissing)) {
    const what = one.type === "ServiceAccount" ? "create it again" : "create it again, with a new secret";
    yield findingOfMissing(one, comparison, {
      kind: "missing",
      reason: "The stack contains it, but Keycard does not have it.",
      remedies: [remedies.run(what, one, "up", "--refresh")],
    });
  }
  const read = declarations.resources.filter(({ lifecycle }) => lifecycle === "read");
  for (const one of read.filter(isMissing))
    yield findingOfMissing(one, comparison, {
      kind: "missing",
      reason: "The program reads it, but Keycard does not have it: the next update will fail.",
      remedies: [remedies.run("read another one or remove the `get`, then run", one, "up")],
    });
}

/** An object of an unknown account or organization cannot be found, and so is not missing. */
function isFindable(one: Declared): boolean {
  if (one.id === undefined || one.organization === undefined) return false;
  return one.type === "ServiceAccount" || plainValue(one.serviceAccountId) !== undefined;
}
