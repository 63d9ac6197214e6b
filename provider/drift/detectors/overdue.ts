import { recentUse } from "../../rotation/durations";
import { objectOf } from "../comparison";
import type { Comparison } from "../comparison";
import * as remedies from "../remedies/remedies";
import { findingOf } from "../report/createFinding";
import type { Finding } from "../report/finding";

/** Finds previous credentials of a `RotatingCredential` that are due to be revoked, and that somebody still uses. */
export function* overdue(comparison: Comparison): Iterable<Finding> {
  const { declarations, now } = comparison;
  for (const one of declarations.managedObjects()) {
    const due = Date.parse(one.generation?.retiresAt ?? "");
    const found = objectOf(comparison, one);
    if (!found || !("account" in found) || !(now >= due)) continue;
    const lastUse = Date.parse(found.last_used_at ?? "");
    if (!(now - lastUse <= recentUse(Infinity))) continue;
    yield findingOf(found, {
      kind: "overdue",
      reason: `It was to be revoked at ${one.generation?.retiresAt}, and was last used at ${found.last_used_at}.`,
      remedies: [remedies.run("give whatever uses it the current credential, then run", one, "up")],
      declared: one,
    });
  }
}
