import { literal, shortened } from "../text";

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

/** In characters. */
const MAX_LENGTH = 80;

/** Returns a text from Keycard for a message: shortened, quoted, and with invisible characters escaped. */
export function quoted(text: string): string {
  // Pulumi takes `<{%` for the beginning of a colour.
  return literal(shortened(text, MAX_LENGTH).replaceAll("<{%", "<{ %"));
}
