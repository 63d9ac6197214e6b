/** Names for what a program declares, from names that are anybody's text. */
import { visible } from "./text";

/** Something to declare, with what it is called in the program. */
export interface Named<Thing> {
  thing: Thing;
  identifier: string;
  /** Its name in Pulumi. */
  logicalName: string;
}

/** Of a logical name: it is part of every line that Pulumi prints of the resource. */
const MOST_CHARACTERS = 100;

/** Of an identifier, without the number that tells it from others: a declaration's first line has room for as many. */
const MOST_COLUMNS = 36;

/** What no constant of a module may be called (ECMA-262, TypeScript), and what the program itself uses or is likely to. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield " +
    "exports module require config console global globalThis keycard organizationId process pulumi"
  ).split(" "),
);

/**
 * Gives names that are unique and readable.
 * @param nameOf its name at Keycard
 * @param taken logical names that are not to be had
 */
export function nameAll<Thing>(
  things: readonly Thing[],
  nameOf: (thing: Thing) => string,
  taken?: Iterable<string>,
): Named<Thing>[] {
  const names = things.map(nameOf);
  const logicalNames = unique(names.map(logicalNameFor), (name, number) => `${name}-${number}`, taken);
  const identifiers = unique(names.map(identifierFor), (word, number) =>
    /\d$/.test(word) ? `${word}_${number}` : `${word}${number}`,
  );
  return things.map((thing, index) => ({
    thing,
    identifier: String(identifiers[index]),
    logicalName: String(logicalNames[index]),
  }));
}

/** In camel case, with the letters of any script. */
function identifierFor(name: string): string {
  // One spelling for what looks the same; and no letters beyond 16 bits, which not every target of TypeScript takes.
  const plain = visible(name.normalize("NFKC")).replace(/[^\p{ID_Continue}]|[^\0-\uffff]|_/gu, " ");
  const words = plain
    .replace(/([\p{Ll}\p{N}])(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, "$& ") // deployBot, CIBot
    .split(/ +/)
    .filter(Boolean);
  const word = cut(words.map(camelCased).join(""));
  if (!/^\p{ID_Start}/u.test(word)) return `account${word}`;
  return RESERVED.has(word) ? `${word}Account` : word;
}

function camelCased(word: string, index: number): string {
  const lower = word.toLowerCase();
  return index === 0 ? lower : lower.charAt(0).toUpperCase() + lower.slice(1);
}

/** Without what would do harm where Pulumi prints it. */
function logicalNameFor(name: string): string {
  return [...visible(name)].slice(0, MOST_CHARACTERS).join("").trim() || "account";
}

/** The beginning of an identifier. */
function cut(word: string): string {
  const width = (character: string) => (/[ -~]/.test(character) ? 1 : 2); // At most.
  let columns = 0;
  const end = [...word].findIndex((character) => (columns += width(character)) > MOST_COLUMNS);
  return end < 0 ? word : word.slice(0, end);
}

/**
 * Gives each its wish, or where an earlier one has that, the wish with a number. So what comes later takes no name from what was there
 * before.
 */
function unique(
  wishes: readonly string[],
  numbered: (wish: string, number: number) => string,
  taken: Iterable<string> = [],
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
