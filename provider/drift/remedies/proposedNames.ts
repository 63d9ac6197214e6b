import { logicalNamesFor, numbered, oldestFirst } from "../../codegen";
import type { ResourceType } from "../../resources/resourceTypes";
import type { FoundAccount, FoundCredential, Inventory } from "../inventory/readInventory";
import type { Declarations, Declared } from "../state/declarations";

type Found = FoundAccount | FoundCredential;

/** How a remedy declares a resource in the program. */
export interface ProposedResource {
  readonly logicalName: string;
  /** Set only if several organizations are compared. */
  readonly organizationId: string | undefined;
  /** True if the resource replaces a `get` of this name. */
  readonly replacesGet: boolean;
}

/** Chooses the names in remedies, unique among all stacks and all remedies. */
export class ProposedNames {
  readonly #names: ReadonlyMap<string, string>;
  readonly #exclusiveNames: ReadonlyMap<string, string>;
  readonly #secretKeys: ReadonlyMap<string, string>;
  readonly #hasManyOrganizations: boolean;

  constructor({ all: declared, managedIds, organizations }: Declarations, inventory: Inventory) {
    const isUnmanaged = ({ id }: Found) => !managedIds.has(id);
    const assign = (type: ResourceType, objects: readonly Found[], prefix = "") => {
      const names = objects.map(({ name }) => prefix + name);
      const taken = declared.filter((one) => one.type === type).map(({ logicalName }) => logicalName);
      return byId(objects, logicalNamesFor(names, taken));
    };
    const accounts = oldestFirst([...inventory.accounts.values()]);
    const credentials = oldestFirst([...inventory.credentials.values()].filter(isUnmanaged));
    const credentialNames = assign("ServiceAccountCredential", credentials);
    this.#names = new Map([...assign("ServiceAccount", accounts.filter(isUnmanaged)), ...credentialNames]);
    this.#exclusiveNames = assign("ExclusiveCredentials", accounts, "only-");
    this.#secretKeys = byId(credentials, numbered([...credentialNames.values()].map(secretKeyFor)));
    this.#hasManyOrganizations = organizations.length - inventory.sameAs.size > 1;
  }

  /** Proposes an unused name for an unmanaged object, or the name of the `get` that reads it. */
  of(found: Found, reader?: Declared): ProposedResource {
    const name = reader?.logicalName ?? this.#names.get(found.id);
    return this.#proposal("account" in found ? found.account : found, name, reader !== undefined);
  }

  /** Proposes a name for an account's `ExclusiveCredentials`. */
  ofExclusive(account: FoundAccount): ProposedResource {
    return this.#proposal(account, this.#exclusiveNames.get(account.id));
  }

  /** Returns the configuration key for a credential's secret. */
  secretKeyOf({ id }: FoundCredential): string {
    return String(this.#secretKeys.get(id));
  }

  #proposal({ organization }: FoundAccount, name: string | undefined, replacesGet = false): ProposedResource {
    const organizationId = this.#hasManyOrganizations ? organization.id : undefined;
    return { logicalName: String(name), organizationId, replacesGet };
  }
}

function byId(objects: readonly Found[], names: readonly string[]): Map<string, string> {
  return new Map(objects.map(({ id }, index) => [id, String(names[index])]));
}

/** Configuration keys allow no other characters, and `pulumi config` would take a leading dash for an option. */
function secretKeyFor(logicalName: string): string {
  return `${logicalName}-secret`.replace(/[^\w.-]+/g, "-").replace(/^-+/, "");
}
