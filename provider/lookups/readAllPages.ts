import { setImmediate } from "node:timers/promises";
import type { Page, Permissions } from "../../sdk";
import { allOf } from "../resources/pages";
import { undefinedIfNotFound } from "../resources/organization";
import type { LookupTarget } from "./context";

/** All pages of a list. */
export interface CompleteList<Item> {
  readonly items: readonly Item[];
  /** Permissions on the list itself, if they were requested. */
  readonly permissions: Permissions | undefined;
}

/**
 * Reads all pages of a list; returns `undefined` if its owner does not exist. Lookups that start in the same moment share the
 * calls. A later lookup starts over: a list that is being read may lack what the program has just created.
 *
 * @param key identifies the list within its organization
 */
export function readAllPages<Item extends { id: string }>(
  { context, organizationId, expand }: LookupTarget,
  key: string,
  list: () => Promise<Page<Item>>,
): Promise<CompleteList<Item> | undefined> {
  const { pendingLists } = context;
  const fullKey = JSON.stringify([organizationId, expand, key]);
  const pending = pendingLists.get(fullKey) as Promise<CompleteList<Item> | undefined> | undefined;
  if (pending) return pending;
  const reading = setImmediate().then(() => {
    pendingLists.delete(fullKey);
    return undefinedIfNotFound(context, organizationId, async () => {
      const first = await list();
      return { items: await allOf(first), permissions: first.permissions };
    });
  });
  pendingLists.set(fullKey, reading);
  return reading;
}
