/** What a program may call the things that it is advised to declare. */
import { inOrder } from "../../codegen";
import { logicalNamesFor, numbered } from "../../codegen/names";
import type { ResourceType } from "../../resourceTypes";
import type { Declarations } from "../state/declarations";
import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";

/** Names that neither a stack has nor another line of advice: two resources of one name are an error. */
export class AdvisedNames {
  readonly #names: ReadonlyMap<string, string>;
  readonly #guards: ReadonlyMap<string, string>;
  readonly #keys: ReadonlyMap<string, string>;

  constructor(declarations: Declarations, { accounts, credentials }: Inventory) {
    const isFree = ({ id }: FoundAccount | FoundCredential) => !declarations.managed.has(id);
    const give = <Thing extends FoundAccount | FoundCredential>(
      type: ResourceType,
      things: readonly Thing[],
      nameOf = ({ name }: Thing) => name,
    ) => {
      const taken = declarations.all.filter((one) => one.type === type).map(({ logicalName }) => logicalName);
      return byId(things, logicalNamesFor(things.map(nameOf), taken));
    };
    const all = inOrder([...accounts.values()]);
    const free = inOrder([...credentials.values()].filter(isFree));
    const ofCredentials = give("ServiceAccountCredential", free);
    this.#names = new Map([...give("ServiceAccount", all.filter(isFree)), ...ofCredentials]);
    this.#guards = give("ExclusiveCredentials", all, ({ name }) => `only-${name}`);
    this.#keys = byId(free, numbered([...ofCredentials.values()].map(keyFor)));
  }

  /** The logical name of a thing that no stack manages. */
  of({ id }: FoundAccount | FoundCredential): string {
    return this.#names.get(id) ?? id;
  }

  /** The logical name of an account's `ExclusiveCredentials`. */
  ofGuard({ id }: FoundAccount): string {
    return this.#guards.get(id) ?? `only-${id}`;
  }

  /** The key that a credential's secret has in the configuration. */
  keyOf({ id }: FoundCredential): string {
    return this.#keys.get(id) ?? `${id}-secret`;
  }
}

function byId(things: readonly { id: string }[], names: readonly string[]): Map<string, string> {
  return new Map(things.map(({ id }, index) => [id, names[index] ?? id]));
}

/** Pulumi takes nothing else for a key of its configuration, and its command would take what begins with a dash for an option. */
function keyFor(logicalName: string): string {
  return `${logicalName}-secret`.replace(/[^\w.-]+/g, "-").replace(/^-+/, "");
}
