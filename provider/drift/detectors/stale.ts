import type { Comparison } from "../comparison";
import * as remedies from "../remedies/remedies";
import { findingOf } from "../report/createFinding";
import type { Finding, Remedy } from "../report/finding";
import type { Declared } from "../state/declarations";
import { ms } from "../../thirdParty";

/** Finds credentials whose last use, or creation if they were never used, is at least `after` milliseconds ago. */
export function* stale(comparison: Comparison, after: number): Iterable<Finding> {
  const { declarations, inventory, revocations, now } = comparison;
  const owners = new Map(declarations.managedObjects().map((one) => [one.id, one]));
  const watched = declarations.watchedAccountIds();
  for (const credential of inventory.credentials.values()) {
    const { last_used_at, created_at, id, account } = credential;
    const [owner, reader] = [owners.get(id), declarations.readers.get(id)];
    // An earlier credential of a `RotatingCredential` is to be out of use.
    if ((owner?.generation?.role ?? "current") !== "current") continue;
    const idle = now - Date.parse(last_used_at ?? created_at);
    // Written so that an invalid date is not stale.
    if (!(idle >= after) || (owner === undefined && !watched.has(account.id))) continue;
    const ago = `${ms(idle, { long: true })} ago`;
    yield findingOf(credential, {
      kind: "stale",
      reason: last_used_at ? `It was last used ${ago}.` : `It was created ${ago} and has never been used.`,
      remedies: owner ? removeOrReplace(owner) : [reader ? REMOVE_READER : revocations.remedyFor(credential)],
      declared: owner ?? reader,
    });
  }
}

const REMOVE_READER: Remedy = {
  what: "remove its `get` from the program, then delete the credential at Keycard",
};

function removeOrReplace(owner: Declared): Remedy[] {
  const remove = remedies.run("remove it from the program, then run", owner, "up");
  return [remove, owner.generation ? remedies.rotate() : remedies.replace(owner)];
}
