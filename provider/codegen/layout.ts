/** Lays out TypeScript as Prettier does by default, so that the program can be committed as it is. */
import { literal } from "../text";

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

export class Layout {
  private constructor(private readonly widthOf: (codePoint: number) => 1 | 2) {}

  static async load(): Promise<Layout> {
    const { eastAsianWidth } = await import("get-east-asian-width");
    return new Layout((codePoint) => eastAsianWidth(codePoint));
  }

  /** Writes `const <identifier> = new <type>(<name>, { … }, { … });` */
  declaration(identifier: string, type: string, name: string, objects: Property[][]): string {
    const head = `const ${identifier} = new ${type}(`;
    const flat = `${head}${[name, ...objects.map(objectLiteral)].join(", ")});`;
    if (this.#fits(flat)) return flat;
    const [only] = objects;
    const hugging = `${head}${name}, {`;
    if (only && objects.length === 1 && this.#fits(hugging))
      return `${hugging}\n${this.#properties(only, "  ")}});`;
    const args = [`  ${name},\n`, ...objects.map((object) => this.#object(object))];
    return `${head}\n${args.join("")});`;
  }

  /** Lays out an object that is an argument on lines of its own. */
  #object(properties: Property[]): string {
    const line = `  ${objectLiteral(properties)},`;
    return this.#fits(line) ? `${line}\n` : `  {\n${this.#properties(properties, "    ")}  },\n`;
  }

  #properties(properties: Property[], indent: string): string {
    return properties.map((property) => `${this.#property(property, indent)},\n`).join("");
  }

  /** Moves a value that does not fit to the next line, unless the key is too short for that to gain much. */
  #property([key, value]: Property, indent: string): string {
    const line = `${indent}${key}: ${value}`;
    return this.#fits(`${line},`) || key.length < BREAKABLE_KEY
      ? line
      : `${indent}${key}:\n${indent}  ${value}`;
  }

  #fits(line: string): boolean {
    return this.#columns(line) <= COLUMNS;
  }

  #columns(line: string): number {
    if (/^[ -~]*$/.test(line)) return line.length;
    const displayed = line.replace(EMOJI, "  ").replace(/[\p{Mn}\p{Me}]/gu, "");
    return [...displayed].reduce((sum, character) => sum + this.widthOf(character.codePointAt(0) ?? 0), 0);
  }
}

/** Writes an object literal on one line. */
export function objectLiteral(properties: Property[]): string {
  return `{ ${properties.map(([key, value]) => `${key}: ${value}`).join(", ")} }`;
}
