/** Enough for a person, and for the message that carries an error to Pulumi. */
const MAX_LISTED = 20;

/** Formats objects for an error message, a line each. */
export function formatList<Item extends { id: string; created_at: string }>(
  items: readonly Item[],
  line: (item: Item) => string = ({ id, created_at }) => `${id}, created ${created_at}`,
): string {
  const lines = items.slice(0, MAX_LISTED).map((item) => `  ${line(item)}`);
  const more = items.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join("\n");
}
