import ms from "ms";
import { credentialsToKeep, organizationToName } from "./compare";
import type { Findings, Sides } from "./compare";
import type { Declared } from "./declared";
import type { Remedy } from "./findings";
import type { FoundCredential } from "./inventory";
import { present } from "./present";
import * as remedies from "./remedies";

/** Credentials that nobody has used for so many milliseconds, or ever since they were made that long ago. */
export function* stale(sides: Sides, after: number): Findings {
  const { declarations, inventory, now } = sides;
  const owners = new Map(declarations.kept("ServiceAccountCredential").map((one) => [one.id, one]));
  const watched = declarations.watched();
  const kept = credentialsToKeep(declarations);
  for (const credential of inventory.credentials.values()) {
    const { last_used_at, created_at, id, account } = credential;
    const owner = owners.get(id);
    const idle = now - Date.parse(last_used_at ?? created_at);
    if (!(idle >= after) || (owner === undefined && !watched.has(account.id))) continue;
    const ago = `${ms(idle, { long: true })} ago`;
    const reason = last_used_at ? `It was last used ${ago}.` : `It was made ${ago} and has never been used.`;
    const todo = owner ? removeOrReplace(owner) : [revoke(credential, kept.get(account.id), sides)];
    yield present(credential, "stale", reason, todo, { declared: owner });
  }
}

function removeOrReplace(owner: Declared): Remedy[] {
  return [
    remedies.goOn("take it out of the program, and run", owner),
    remedies.replace("or put a new one in its place", owner),
  ];
}

function revoke({ account }: FoundCredential, keep: readonly string[] = [], sides: Sides): Remedy {
  return remedies.revokeOthers(
    "revoke it, and all but the stacks' own",
    account,
    keep,
    organizationToName(account, sides),
  );
}
