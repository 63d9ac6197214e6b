/** Derives identifiers and logical names from names at Keycard, which may be any text. */
import { stripInvisible } from "../text";
import { anyAscii } from "../thirdParty";

/** An item to declare, with its names in the program. */
export interface Named<Item> {
  item: Item;
  identifier: string;
  logicalName: string;
}

/** In characters: Pulumi prints the logical name in each line about the resource. */
const MAX_LOGICAL_NAME = 100;

/** In characters, without a number: this is what fits into the first line of a declaration. */
const MAX_IDENTIFIER = 36;

/** Words that cannot name a constant of a module (ECMA-262, TypeScript), and words that the program may use itself. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield " +
    "exports module require config console global globalThis keycard process pulumi"
  ).split(" "),
);

/**
 * Assigns unique, readable names to items; where names collide, the earlier item keeps its name.
 *
 * @param nameOf returns an item's name at Keycard
 * @param taken logical names that are in use already; the identifiers derived from them are avoided, too
 */
export function assignNames<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  taken: Iterable<string> = [],
): Named<Item>[] {
  const names = items.map(nameOf);
  const logicalNames = logicalNamesFor(names, taken);
  const identifiers = unique(
    names.map(identifierFor),
    (word, number) => (/\d$/.test(word) ? `${word}_${number}` : `${word}${number}`),
    [...taken].map(identifierFor),
  );
  return items.map((item, index) => ({
    item,
    identifier: String(identifiers[index]),
    logicalName: String(logicalNames[index]),
  }));
}

function identifierFor(name: string): string {
  // Releases of TypeScript differ in which letters beyond ASCII an identifier may contain.
  const words = anyAscii(name).split(WORD_BOUNDARY).filter(Boolean);
  const [first = "", ...rest] = words.map((word) => word.toLowerCase());
  const capitalized = rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const identifier = [first, ...capitalized].join("").slice(0, MAX_IDENTIFIER);
  if (!/^[a-z]/.test(identifier)) return `account${identifier}`;
  return RESERVED.has(identifier) ? `${identifier}Account` : identifier;
}

/** Separators, and the changes of case in `camelCase` and in `HTTPServer`. */
const WORD_BOUNDARY = /[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** Returns a unique logical name for each name at Keycard, without characters that would do harm in Pulumi's output. */
export function logicalNamesFor(names: readonly string[], taken: Iterable<string>): string[] {
  const wanted = names.map(
    (name) => [...stripInvisible(name)].slice(0, MAX_LOGICAL_NAME).join("").trim() || "account",
  );
  return numbered(wanted, taken);
}

/** Appends numbers to equal names: `ci`, `ci-2`, `ci-3`. */
export function numbered(names: readonly string[], taken: Iterable<string> = []): string[] {
  return unique(names, (name, number) => `${name}-${number}`, taken);
}

function unique(
  names: readonly string[],
  withNumber: (name: string, number: number) => string,
  taken: Iterable<string>,
): string[] {
  const used = new Set(taken);
  const next = new Map<string, number>();
  return names.map((name) => {
    let candidate = name;
    for (let number = next.get(name) ?? 2; used.has(candidate); number++) {
      candidate = withNumber(name, number);
      next.set(name, number + 1);
    }
    used.add(candidate);
    return candidate;
  });
}
