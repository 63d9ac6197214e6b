import { logicalNamesFor, numbered, oldestFirst } from "../../codegen";
import type { ResourceType } from "../../resourceTypes";
import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";
import type { Declarations } from "../state/declarations";

type Found = FoundAccount | FoundCredential;

/** Gives each object that a remedy may declare a logical name that is unique among all stacks and all remedies. */
export class AdvisedNames {
  readonly #names: ReadonlyMap<string, string>;
  readonly #exclusiveNames: ReadonlyMap<string, string>;
  readonly #secretKeys: ReadonlyMap<string, string>;

  constructor(declarations: Declarations, { accounts, credentials }: Inventory) {
    const isUnmanaged = ({ id }: Found) => !declarations.managedIds.has(id);
    const assign = (type: ResourceType, objects: readonly Found[], prefix = "") => {
      const taken = declarations.all.filter((one) => one.type === type).map(({ logicalName }) => logicalName);
      const names = logicalNamesFor(
        objects.map(({ name }) => prefix + name),
        taken,
      );
      return byId(objects, names);
    };
    const all = oldestFirst([...accounts.values()]);
    const unmanaged = oldestFirst([...credentials.values()].filter(isUnmanaged));
    const credentialNames = assign("ServiceAccountCredential", unmanaged);
    this.#names = new Map([...assign("ServiceAccount", all.filter(isUnmanaged)), ...credentialNames]);
    this.#exclusiveNames = assign("ExclusiveCredentials", all, "only-");
    this.#secretKeys = byId(unmanaged, numbered([...credentialNames.values()].map(secretKeyFor)));
  }

  /** Returns the logical name for an unmanaged account or credential. */
  nameOf({ id }: Found): string {
    return this.#names.get(id) ?? id;
  }

  /** Returns the logical name for an account's `ExclusiveCredentials`. */
  exclusiveNameOf({ id }: FoundAccount): string {
    return this.#exclusiveNames.get(id) ?? `only-${id}`;
  }

  /** Returns the configuration key for a credential's secret. */
  secretKeyOf({ id }: FoundCredential): string {
    return this.#secretKeys.get(id) ?? `${id}-secret`;
  }
}

function byId(objects: readonly Found[], names: readonly string[]): Map<string, string> {
  return new Map(objects.map(({ id }, index) => [id, names[index] ?? id]));
}

/** Configuration keys allow no other characters, and `pulumi config` would take a leading dash for an option. */
function secretKeyFor(logicalName: string): string {
  return `${logicalName}-secret`.replace(/[^\w.-]+/g, "-").replace(/^-+/, "");
}
