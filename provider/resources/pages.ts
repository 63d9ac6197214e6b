/** The most that a page may have, so that large organizations take few calls. */
export const LARGEST_PAGE = { limit: 1000 };

/** All of a list, each once: one that changes while it is walked may tell of something twice. */
export async function allOf<Item extends { id: string }>(list: AsyncIterable<Item>): Promise<Item[]> {
  const byId = new Map<string, Item>();
  for await (const item of list) byId.set(item.id, item);
  return [...byId.values()];
}
