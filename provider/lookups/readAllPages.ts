import { setImmediate as later } from "node:timers/promises";
import type { Page, Permissions } from "../../sdk";
import { allOf } from "../list";
import { unlessGone } from "../organization";
import type { Place } from "./lookup";

/** A list with all of its pages. */
export interface Everything<Item> {
  readonly items: readonly Item[];
  /** What may be done with the list itself, where that was asked for. */
  readonly permissions: Permissions | undefined;
}

/**
 * Reads all pages of a list; `undefined` where what it is a list of is not there. Who asks for the same list in the same moment shares the
 * calls. None joins a list that is being read already: what its program has just made might be missing from it.
 *
 * @param key what tells the list from others of its organization
 */
export function readAll<Item extends { id: string }>(
  { asked, organizationId, expand }: Place,
  key: string,
  list: () => Promise<Page<Item>>,
): Promise<Everything<Item> | undefined> {
  const { lists } = asked;
  const place = JSON.stringify([organizationId, expand, key]);
  const shared = lists.get(place) as Promise<Everything<Item> | undefined> | undefined;
  if (shared) return shared;
  const reading = later().then(() => {
    lists.delete(place);
    return unlessGone(asked, organizationId, async () => everything(await list()));
  });
  lists.set(place, reading);
  return reading;
}

async function everything<Item extends { id: string }>(first: Page<Item>): Promise<Everything<Item>> {
  return { items: await allOf(first), permissions: first.permissions };
}
