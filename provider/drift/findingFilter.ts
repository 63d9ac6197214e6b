import { ResourceError } from "../errors";
import { wildcardMatch } from "../thirdParty";
import type { Comparison } from "./comparison";
import { KINDS } from "./report/finding";
import type { Finding, Kind } from "./report/finding";
import { plainValue } from "./state/declarations";

/**
 * Selects findings by kind and by name. A name is a name at Keycard, a logical name, or an ID; a credential also has the name
 * `<account>/<credential>`. In names, `*` stands for any text and `?` for any one character.
 */
export interface FindingFilter {
  /** A finding must match one of the kinds, if there are any, and one of the names, if there are any. */
  readonly only: readonly string[];
  /** A finding must match none of the kinds and names. */
  readonly ignore: readonly string[];
  /** The words that are kinds; all others are names. Default: all kinds. */
  readonly kinds?: readonly Kind[];
}

/**
 * Compiles a filter.
 *
 * @throws {ResourceError} if a name of `only` matches no object: the filter would hide all drift
 */
export function compileFilter(
  { only, ignore, kinds = KINDS }: FindingFilter,
  comparison: Comparison,
): (finding: Finding) => boolean {
  const [selected, ignored] = [split(only, kinds), split(ignore, kinds)];
  requireKnownNames(selected.names, kinds, comparison);
  const isSelected = matcher(selected.names);
  const isIgnored = matcher(ignored.names);
  const ids = allIds(comparison);
  return (finding) => {
    const names = namesOf(finding, ids);
    if (ignored.kinds.includes(finding.kind) || isIgnored(names)) return false;
    if (selected.kinds.length > 0 && !selected.kinds.includes(finding.kind)) return false;
    return selected.names.length === 0 || isSelected(names);
  };
}

function split(words: readonly string[], kinds: readonly string[]): { kinds: string[]; names: string[] } {
  return {
    kinds: words.filter((word) => kinds.includes(word)),
    names: words.filter((word) => !kinds.includes(word)),
  };
}

function requireKnownNames(
  patterns: readonly string[],
  kinds: readonly Kind[],
  comparison: Comparison,
): void {
  if (patterns.length === 0) return; // Gathering all names takes long in a large organization.
  const names = allNames(comparison);
  const unknown = patterns.find((pattern) => !names.includes(pattern) && !matcher([pattern])(names));
  if (unknown === undefined) return;
  const problem =
    kinds.length === 0
      ? "matches no account's name or ID."
      : `matches no kind and no name. The kinds are ${kinds.join(", ")}.`;
  throw new ResourceError(
    `--only ${JSON.stringify(unknown)} ${problem} A name may contain wildcards, as in "ci-*".`,
  );
}

function allNames({ declarations, inventory }: Comparison): string[] {
  return [
    ...[...inventory.accounts.values()].flatMap(({ id, name }) => [id, name]),
    ...[...inventory.credentials.values()].flatMap(({ id, name, account }) => [
      id,
      name,
      `${account.name}/${name}`,
      `${account.id}/${name}`,
    ]),
    ...declarations.all.flatMap((one) => {
      const [name, account] = [plainValue(one.name), plainValue(one.serviceAccountId)];
      const owner = declarations.accountNames.get(account ?? "");
      const own = name ?? one.logicalName;
      return [one.id, one.logicalName, name, owner && `${owner}/${own}`, account && `${account}/${own}`];
    }),
  ].flatMap((name) => name ?? []);
}

function allIds({ declarations, inventory }: Comparison): ReadonlySet<string> {
  const declared = declarations.all.flatMap(({ id }) => id ?? []);
  return new Set([...inventory.accounts.keys(), ...inventory.credentials.keys(), ...declared]);
}

function matcher(patterns: readonly string[]): (names: readonly string[]) => boolean {
  // The library would take a backslash for the beginning of an escape.
  const literally = patterns.map((pattern) => pattern.replaceAll("\\", "\\\\"));
  const matches = wildcardMatch(literally, { separator: false, flags: "s" });
  return (names) => patterns.length > 0 && names.some((name) => matches(name));
}

/** Excludes a name that equals another object's ID or begins with one, so that nobody can hide an object by its name. */
function namesOf({ name, id, account, declared }: Finding, ids: ReadonlySet<string>): string[] {
  const names = [name, account?.name && `${account.name}/${name}`, declared?.resource];
  const trusted = [id, account && `${account.id}/${name}`];
  return [...names.filter((one) => !ids.has(one?.split("/", 1)[0] ?? "")), ...trusted].flatMap(
    (one) => one || [],
  );
}
