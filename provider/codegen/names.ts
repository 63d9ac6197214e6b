/** Names for what a program declares, from names that are anybody's text. */
import { visible } from "../text";

/** Something to declare, with what it is called in the program. */
export interface Named<Thing> {
  thing: Thing;
  identifier: string;
  /** Its name in Pulumi. */
  logicalName: string;
}

/** In characters: it is part of every line that Pulumi prints of the resource. */
const LONGEST_LOGICAL_NAME = 100;

/** In characters, without the number that tells it from others: a declaration's first line has room for as many. */
const LONGEST_IDENTIFIER = 36;

/** What no constant of a module may be called (ECMA-262, TypeScript), and what the program itself uses or is likely to. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield " +
    "exports module require config console global globalThis keycard process pulumi"
  ).split(" "),
);

/** Gives names that are unique and readable. */
export class Names {
  private constructor(private readonly camelCase: (text: string) => string) {}

  static async load(): Promise<Names> {
    const [{ default: anyAscii }, { camelCase }] = await Promise.all([
      import("any-ascii"),
      import("change-case"),
    ]);
    // What is a letter to one release of TypeScript is none to another one: only those of ASCII always are.
    return new Names((text) => camelCase(anyAscii(text), { mergeAmbiguousCharacters: true, locale: false }));
  }

  /**
   * @param nameOf its name at Keycard
   * @param taken logical names that are not to be had, nor are the identifiers that go with them
   */
  give<Thing>(
    things: readonly Thing[],
    nameOf: (thing: Thing) => string,
    taken: Iterable<string> = [],
  ): Named<Thing>[] {
    const names = things.map(nameOf);
    const identifiers = unique(
      names.map((name) => this.#identifierFor(name)),
      (word, number) => (/\d$/.test(word) ? `${word}_${number}` : `${word}${number}`),
      [...taken].map((name) => this.#identifierFor(name)),
    );
    const logicalNames = logicalNamesFor(names, taken);
    return things.map((thing, index) => ({
      thing,
      identifier: String(identifiers[index]),
      logicalName: String(logicalNames[index]),
    }));
  }

  #identifierFor(name: string): string {
    const word = this.camelCase(name).slice(0, LONGEST_IDENTIFIER);
    if (!/^[a-z]/.test(word)) return `account${word}`;
    return RESERVED.has(word) ? `${word}Account` : word;
  }
}

/** Logical names from those at Keycard: each another one, and none of those that are taken. */
export function logicalNamesFor(names: readonly string[], taken: Iterable<string>): string[] {
  return numbered(names.map(logicalNameFor), taken);
}

/** Tells those that are alike from each other, and from what is taken: `ci`, `ci-2`, `ci-3`. */
export function numbered(names: readonly string[], taken: Iterable<string> = []): string[] {
  return unique(names, (name, number) => `${name}-${number}`, taken);
}

/** Without what would do harm where Pulumi prints it. */
function logicalNameFor(name: string): string {
  return [...visible(name)].slice(0, LONGEST_LOGICAL_NAME).join("").trim() || "account";
}

/**
 * Gives each its wish, or where an earlier one has that, the wish with a number. So what comes later takes no name from what was there
 * before.
 */
function unique(
  wishes: readonly string[],
  numbered: (wish: string, number: number) => string,
  taken: Iterable<string>,
): string[] {
  const used = new Set(taken);
  const next = new Map<string, number>();
  return wishes.map((wish) => {
    let given = wish;
    for (let number = next.get(wish) ?? 2; used.has(given); number++) {
      given = numbered(wish, number);
      next.set(wish, number + 1);
    }
    used.add(given);
    return given;
  });
}
