/** TypeScript source as Prettier formats it by default, so that what is written needs no formatting before it is committed. */
import { literal } from "../text";

/** The columns that Prettier fills at most. */
const COLUMNS = 80;

/** The characters of a key from which on Prettier breaks the line after it. */
const BREAKABLE_KEY = 5;

/** What is shown as one picture, two columns wide. */
const EMOJI =
  /\p{RI}\p{RI}|\p{Emoji}\ufe0f\u20e3?|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Emoji_Presentation}/gu;

/** A property of an object; its value is source. */
export type Property = [key: string, value: string];

/** A string literal of exactly this text, in the quotes that need the fewest escapes. */
export function quoted(text: string): string {
  const inDouble = literal(text);
  if (text.split('"').length <= text.split("'").length) return inDouble;
  return `'${inDouble.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** Lays out statements. */
export class Layout {
  private constructor(private readonly widthOf: (codePoint: number) => 1 | 2) {}

  static async load(): Promise<Layout> {
    const { eastAsianWidth } = await import("get-east-asian-width");
    return new Layout((codePoint) => eastAsianWidth(codePoint));
  }

  /** `const <identifier> = new <type>(<name>, { … }, { … });` */
  declaration(identifier: string, type: string, name: string, objects: Property[][]): string {
    const head = `const ${identifier} = new ${type}(`;
    const flat = `${head}${[name, ...objects.map(inline)].join(", ")});`;
    if (this.#fits(flat)) return flat;
    const [only] = objects;
    const hugging = `${head}${name}, {`;
    if (only && objects.length === 1 && this.#fits(hugging))
      return `${hugging}\n${this.#properties(only, "  ")}});`;
    const args = [`  ${name},\n`, ...objects.map((object) => this.#object(object))];
    return `${head}\n${args.join("")});`;
  }

  /** An object as an argument on lines of its own. */
  #object(properties: Property[]): string {
    const line = `  ${inline(properties)},`;
    return this.#fits(line) ? `${line}\n` : `  {\n${this.#properties(properties, "    ")}  },\n`;
  }

  #properties(properties: Property[], indent: string): string {
    return properties.map((property) => `${this.#property(property, indent)},\n`).join("");
  }

  /** A value that is too long for the line begins on one of its own, unless that would hardly win any room. */
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
    const seen = line.replace(EMOJI, "  ").replace(/[\p{Mn}\p{Me}]/gu, "");
    return [...seen].reduce((sum, character) => sum + this.widthOf(character.codePointAt(0) ?? 0), 0);
  }
}

/** An object on one line. */
export function inline(properties: Property[]): string {
  return `{ ${properties.map(([key, value]) => `${key}: ${value}`).join(", ")} }`;
}
