import { objectOf } from "../comparison";
import type { Comparison } from "../comparison";
import * as remedies from "../remedies/remedies";
import { findingOf } from "../report/createFinding";
import type { Finding } from "../report/finding";

/** Finds objects that several resources manage, in one stack or in several: each would delete what the others still use. */
export function* shared(comparison: Comparison): Iterable<Finding> {
  const resources = comparison.declarations.managedObjects();
  const counts = new Map<string | undefined, number>();
  for (const { id } of resources) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const resource of resources) {
    const [found, count = 0] = [objectOf(comparison, resource), counts.get(resource.id)];
    if (!found || count === 1) continue;
    const what = "unless this is the resource to keep, remove it from its program, and then from its state";
    yield findingOf(found, {
      kind: "shared",
      reason: `${count} resources manage it: deleting ${count === 2 ? "either" : "any of them"} deletes the object.`,
      remedies: [remedies.run(what, resource, "state", "delete", resource.urn)],
      declared: resource,
    });
  }
}
