/** Makes other people's text safe to print: names at Keycard may hold terminal control sequences. */

/**
 * Characters that are invisible or look like others: control and format characters, unusual blanks and line ends, lone surrogates,
 * unassigned code points. Variation selectors of emoji are allowed.
 */
const UNPRINTABLE = /(?![ \ufe0f])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** Returns the text with its invisible characters escaped, as in `\u{1b}`. */
export function escapeInvisible(text: string): string {
  return text.replace(UNPRINTABLE, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Returns the text on one line, without invisible characters. */
export function stripInvisible(text: string): string {
  return text.replace(UNPRINTABLE, " ").replace(/ +/g, " ").trim();
}

/** Returns the text, cut after a maximum number of characters. */
export function shortened(text: string, maxLength: number): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

/** Returns the text as a literal of JSON, and so of TypeScript, with invisible characters escaped. */
export function literal(text: string): string {
  return escapedJson(JSON.stringify(text));
}

/** Returns equivalent JSON with invisible characters escaped. */
export function escapedJson(json: string): string {
  return json.replace(UNPRINTABLE, (one) => (one === "\n" ? one : one.split("").map(unicodeEscape).join("")));
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Returns the text as a word for a POSIX shell, quoted if necessary. */
export function shellWord(text: string): string {
  const seen = escapeInvisible(text);
  return /^[\w@%+=:,./-]+$/.test(seen) ? seen : `'${seen.replaceAll("'", `'\\''`)}'`;
}
