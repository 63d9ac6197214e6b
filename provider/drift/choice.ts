import match from "wildcard-match";
import { ResourceError } from "../errors";
import type { Sides } from "./compare";
import { textOf } from "./declared";
import { KINDS } from "./findings";
import type { Finding, Kind } from "./findings";

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
    const names = namesOf(finding);
    if (this.#ignored.kinds.has(finding.kind) || this.#ignored.fits(names)) return false;
    if (this.#kinds.size > 0 && !this.#kinds.has(finding.kind)) return false;
    return this.#names.length === 0 || this.#fits(names);
  }

  /**
   * Only what nothing is called would find nothing, however much is not as it should be.
   *
   * @throws {ResourceError} for a name without a wildcard that nothing has, at Keycard or in a stack
   */
  mustMean({ declarations, inventory }: Sides): void {
    const names = new Set(
      [
        ...[...inventory.accounts.values()].flatMap(({ id, name }) => [id, name]),
        ...[...inventory.credentials.values()].flatMap(({ id, name, account }) => [
          id,
          name,
          `${account.name}/${name}`,
        ]),
        ...declarations.all.flatMap((one) => [one.id, one.logicalName, textOf(one.name)]),
      ].flatMap((name) => name ?? []),
    );
    const unknown = this.#names.find((name) => !/[*?]/.test(name) && !names.has(name));
    if (unknown === undefined) return;
    const what =
      this.known.length === 0
        ? "is the name or the ID of no account; a"
        : `is neither a kind nor the name of anything. The kinds are ${this.known.join(", ")}; a`;
    throw new ResourceError(
      `--only ${JSON.stringify(unknown)} ${what} name can have wildcards, as in "ci-*".`,
    );
  }
}

function fitting(patterns: readonly string[]): Fits {
  const fits = match([...patterns], { separator: false, flags: "s" });
  return (names) => patterns.length > 0 && names.some((name) => fits(name));
}

function namesOf({ name, id, account, declared }: Finding): string[] {
  const inAccount = [account?.name, account?.id].flatMap((owner) => (owner ? [`${owner}/${name}`] : []));
  return [name, ...inAccount, id, declared?.resource].flatMap((one) => (one ? [one] : []));
}
