import ms from "ms";
import type { Findings, Sides } from "./compare";
import type { Declared } from "../state/declarations";
import type { Remedy } from "../report/finding";
import { present } from "../report/createFinding";
import * as remedies from "../remedies/remedies";
import { Revocations } from "../remedies/revocations";

/** Credentials that nobody has used for so many milliseconds, or ever since they were made that long ago. */
export function* stale(sides: Sides, after: number): Findings {
  const { declarations, inventory, now } = sides;
  const owners = new Map(declarations.kept("ServiceAccountCredential").map((one) => [one.id, one]));
  const watched = declarations.watched();
  const readers = declarations.readers();
  const revocations = new Revocations(sides);
  for (const credential of inventory.credentials.values()) {
    const { last_used_at, created_at, id, account } = credential;
    const owner = owners.get(id);
    const idle = now - Date.parse(last_used_at ?? created_at);
    if (!(idle >= after) || (owner === undefined && !watched.has(account.id))) continue;
    const ago = `${ms(idle, { long: true })} ago`;
    const reason = last_used_at ? `It was last used ${ago}.` : `It was made ${ago} and has never been used.`;
    const reader = readers.get(id);
    const revoke = () => (reader ? STILL_READ : revocations.remedy(credential));
    const todo = owner ? removeOrReplace(owner) : [revoke()];
    yield present(credential, "stale", reason, todo, { declared: owner ?? reader });
  }
}

const STILL_READ: Remedy = {
  what: "take the `get` that reads it out of the program, then delete it at Keycard",
};

function removeOrReplace(owner: Declared): Remedy[] {
  return [remedies.goOn("take it out of the program, and run", owner), remedies.replace(owner)];
}
