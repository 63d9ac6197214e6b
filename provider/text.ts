/** Other people's text, made fit to be shown: names at Keycard may hold whatever a terminal obeys. */

/**
 * What is not seen as itself: control and format characters, other blanks and line ends, halves of characters, letters without a form,
 * what is not assigned. Not what makes a picture of a sign.
 */
const UNPRINTABLE = /(?![ \ufe0f])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** A text in which everything is seen; what would not be is told by its number, as in `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The text on one line, without what would not be seen. */
export function visible(text: string): string {
  return text.replace(UNPRINTABLE, " ").replace(/ +/g, " ").trim();
}

/** The text, or where it has more characters than that, its beginning. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A text as a literal of JSON, and so of TypeScript; what would not be seen is escaped. */
export function literal(text: string): string {
  return escapedJson(JSON.stringify(text));
}

/** JSON in which everything is seen. It means the same. */
export function escapedJson(json: string): string {
  return json.replace(UNPRINTABLE, (one) => (one === "\n" ? one : one.split("").map(unicodeEscape).join("")));
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A word for a POSIX shell, quoted where need be. */
export function shellWord(text: string): string {
  const seen = printable(text);
  return /^[\w@%+=:,./-]+$/.test(seen) ? seen : `'${seen.replaceAll("'", `'\\''`)}'`;
}
