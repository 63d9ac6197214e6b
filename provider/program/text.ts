/** TypeScript source as Prettier formats it by default, so that what is written needs no formatting before it is committed. */

/** The columns that Prettier fills at most. */
const COLUMNS = 80;

/** What Prettier takes for too short to break the line after it. */
const SHORT_KEY = "name:";

/** A property of an object; without a value, it is shorthand. */
export type Property = [key: string, value?: string];

/** What cannot be seen, or changes the order in which the rest is seen, or is no character at all; a blank is none of these. */
const INVISIBLE = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** A string literal of exactly this text, in the quotes that need the fewest escapes. What cannot be seen is escaped. */
export function literal(text: string): string {
  const double = text.split('"').length <= text.split("'").length;
  const escaped = JSON.stringify(text).slice(1, -1).replace(INVISIBLE, escape);
  return double ? `"${escaped}"` : `'${escaped.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function escape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/** The text on one line, without what cannot be seen. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, " ").replace(/ +/g, " ").trim();
}

/** Lays out statements. */
export class Layout {
  private constructor(private readonly widthOf: (codePoint: number) => 1 | 2) {}

  static async load(): Promise<Layout> {
    const { eastAsianWidth } = await import("get-east-asian-width");
    return new Layout((codePoint) => eastAsianWidth(codePoint));
  }

  /** `const <identifier> = <value>;` */
  constant(identifier: string, value: string): string {
    return this.#assigned("", `const ${identifier} =`, value, ";");
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
    return properties
      .map(([key, value]) =>
        value === undefined ? `${indent}${key},` : this.#assigned(indent, `${key}:`, value, ","),
      )
      .map((line) => `${line}\n`)
      .join("");
  }

  /** A value that is too long for the line begins on one of its own, unless that would hardly win any room. */
  #assigned(indent: string, left: string, value: string, end: string): string {
    const line = `${indent}${left} ${value}${end}`;
    return this.#fits(line) || left.length <= SHORT_KEY.length
      ? line
      : `${indent}${left}\n${indent}  ${value}${end}`;
  }

  #fits(line: string): boolean {
    return this.#columns(line) <= COLUMNS;
  }

  #columns(line: string): number {
    if (/^[ -~]*$/.test(line)) return line.length;
    const seen = line.replace(/[\p{Mn}\p{Me}]/gu, "").replace(/\p{Emoji_Presentation}/gu, "  ");
    return [...seen].reduce((sum, character) => sum + this.widthOf(character.codePointAt(0) ?? 0), 0);
  }
}

/** An object on one line. */
export function inline(properties: Property[]): string {
  return `{ ${properties.map(([key, value]) => (value === undefined ? key : `${key}: ${value}`)).join(", ")} }`;
}
