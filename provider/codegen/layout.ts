/** Lays out TypeScript as Prettier does by default, so that the program can be committed as it is. */
import { literal } from "../text";
import { eastAsianWidth } from "../thirdParty";

/** Prettier's default line width. */
const COLUMNS = 80;

/** Prettier breaks the line only after keys of at least this length. */
const BREAKABLE_KEY = 5;

/** Sequences of characters that are displayed as one emoji, two columns wide. */
const EMOJI =
  /\p{RI}\p{RI}|\p{Emoji}\ufe0f\u20e3?|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Emoji_Presentation}/gu;

/** A property of an object literal; its value is source code. */
export type Property = [key: string, value: string];

/** Returns a string literal, in the quotes that need fewer escapes. */
export function quoted(text: string): string {
  const inDouble = literal(text);
  if (text.split('"').length <= text.split("'").length) return inDouble;
  return `'${inDouble.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Writes `const <identifier> = new <type>(<name>, { … }, { … });` */
export function declaration(identifier: string, type: string, name: string, objects: Property[][]): string {
  const head = `const ${identifier} = new ${type}(`;
  const flat = `${head}${[name, ...objects.map(objectLiteral)].join(", ")});`;
  if (fits(flat)) return flat;
  const [only] = objects;
  const hugging = `${head}${name}, {`;
  if (only && objects.length === 1 && fits(hugging)) return `${hugging}\n${propertyLines(only, "  ")}});`;
  return `${head}\n  ${name},\n${objects.map(argument).join("")});`;
}

/** Lays out an object that is an argument on lines of its own. */
function argument(properties: Property[]): string {
  const line = `  ${objectLiteral(properties)},`;
  return fits(line) ? `${line}\n` : `  {\n${propertyLines(properties, "    ")}  },\n`;
}

/** Moves a value that does not fit to the next line, unless the key is too short for that to gain much. */
function propertyLines(properties: Property[], indent: string): string {
  const lines = properties.map(([key, value]) => {
    const line = `${indent}${key}: ${value},\n`;
    return fits(line.trimEnd()) || key.length < BREAKABLE_KEY
      ? line
      : `${indent}${key}:\n${indent}  ${value},\n`;
  });
  return lines.join("");
}

function fits(line: string): boolean {
  return columns(line) <= COLUMNS;
}

function columns(line: string): number {
  if (/^[ -~]*$/.test(line)) return line.length;
  const displayed = line.replace(EMOJI, "  ").replace(/[\p{Mn}\p{Me}]/gu, "");
  return [...displayed].reduce((sum, character) => sum + eastAsianWidth(character.codePointAt(0) ?? 0), 0);
}

/** Writes an object literal on one line. */
export function objectLiteral(properties: Property[]): string {
  return `{ ${properties.map(([key, value]) => `${key}: ${value}`).join(", ")} }`;
}
