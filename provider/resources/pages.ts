/** The maximum page size, so that large organizations take few calls. */
export const LARGEST_PAGE = { limit: 1000 };

/** Returns all items of a list, each once: a list that changes while it is read may repeat an item. */
export async function allOf<Item extends { id: string }>(list: AsyncIterable<Item>): Promise<Item[]> {
  const byId = new Map<string, Item>();
  for await (const item of list) byId.set(item.id, item);
  return [...byId.values()];
}
