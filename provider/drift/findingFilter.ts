import match from "wildcard-match";
import { ResourceError } from "../errors";
import type { Sides } from "./detectors/compare";
import { textOf } from "./state/declarations";
import { KINDS } from "./report/finding";
import type { Finding, Kind } from "./report/finding";

/** Names, as patterns in which `*` stands for any text and `?` for any character. */
type Fits = (names: readonly string[]) => boolean;

/**
 * Which findings to tell of, by kind and by name. A name is one at Keycard, one in the program, or an ID; a credential is also
 * called `<its account>/<its name>`.
 */
export class Choice {
  readonly #ignored: { readonly kinds: ReadonlySet<string>; readonly fits: Fits };
  readonly #kinds: ReadonlySet<string>;
  readonly #names: readonly string[];
  readonly #fits: Fits;
  #ids: ReadonlySet<string> = new Set();

  /**
   * Each is a kind or a name. Of `only`, a finding must fit one of the kinds, if there are any, and one of the names.
   *
   * @param known the kinds that can be chosen; where there are none, each is a name, of an account
   */
  constructor(
    { only, ignore }: { only: readonly string[]; ignore: readonly string[] },
    private readonly known: readonly Kind[] = KINDS,
  ) {
    const isKind = (text: string) => (known as readonly string[]).includes(text);
    this.#kinds = new Set(only.filter(isKind));
    this.#names = only.filter((one) => !isKind(one));
    this.#fits = fitting(this.#names);
    this.#ignored = {
      kinds: new Set(ignore.filter(isKind)),
      fits: fitting(ignore.filter((one) => !isKind(one))),
    };
  }

  includes(finding: Finding): boolean {
    const names = namesOf(finding, this.#ids);
    if (this.#ignored.kinds.has(finding.kind) || this.#ignored.fits(names)) return false;
    if (this.#kinds.size > 0 && !this.#kinds.has(finding.kind)) return false;
    return this.#names.length === 0 || this.#fits(names);
  }

  /**
   * Only what nothing is called would find nothing, however much is not as it should be. From here on it is known what is an ID,
   * so that nobody hides something by giving it a name that is the ID of something else.
   *
   * @throws {ResourceError} for a name that nothing fits, at Keycard or in a stack
   */
  mustMean(sides: Sides): void {
    const { declarations, inventory } = sides;
    this.#ids = new Set([
      ...inventory.accounts.keys(),
      ...inventory.credentials.keys(),
      ...declarations.all.flatMap(({ id }) => id ?? []),
    ]);
    if (this.#names.length === 0) return; // There may be very many names.
    const names = everyName(sides);
    const unknown = this.#names.find((name) => !names.includes(name) && !fitting([name])(names));
    if (unknown === undefined) return;
    const what =
      this.known.length === 0
        ? "is the name or the ID of no account; a name"
        : `is neither a kind nor the name of anything. The kinds are ${this.known.join(", ")}; a name, and no kind,`;
    throw new ResourceError(`--only ${JSON.stringify(unknown)} ${what} can have wildcards, as in "ci-*".`);
  }
}

/** What something is called, at Keycard or in a stack. */
function everyName({ declarations, inventory }: Sides): string[] {
  return [
    ...[...inventory.accounts.values()].flatMap(({ id, name }) => [id, name]),
    ...[...inventory.credentials.values()].flatMap(({ id, name, account }) => [
      id,
      name,
      `${account.name}/${name}`,
      `${account.id}/${name}`,
    ]),
    ...declarations.all.flatMap((one) => {
      const [name, account] = [textOf(one.name), textOf(one.serviceAccountId)];
      const owner = declarations.accountNames.get(account ?? "");
      const own = name ?? one.logicalName;
      return [one.id, one.logicalName, name, owner && `${owner}/${own}`, account && `${account}/${own}`];
    }),
  ].flatMap((name) => name ?? []);
}

function fitting(patterns: readonly string[]): Fits {
  // Of a name a backslash is a part like any other; to the library it would be the beginning of an escape.
  const literally = patterns.map((pattern) => pattern.replaceAll("\\", "\\\\"));
  const fits = match(literally, { separator: false, flags: "s" });
  return (names) => patterns.length > 0 && names.some((name) => fits(name));
}

/** Names are anybody's text: those that are an ID, or begin with one as a credential's name does with its account's, do not count. */
function namesOf({ name, id, account, declared }: Finding, ids: ReadonlySet<string>): string[] {
  const names = [name, account?.name && `${account.name}/${name}`, declared?.resource];
  const certain = [id, account && `${account.id}/${name}`];
  return [...names.filter((one) => !ids.has(one?.split("/", 1)[0] ?? "")), ...certain].flatMap((one) =>
    one ? [one] : [],
  );
}
