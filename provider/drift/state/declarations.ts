/** The Keycard objects that the compared stacks manage, and their organizations. */
import { ResourceError } from "../../errors";
import type { ResourceType } from "../../resources/resourceTypes";
import type { ReadOnlyKeycard } from "../inventory/readOnly";
import type { InventoryScope, Organization } from "../inventory/readInventory";
import type { Declaration } from "../report/finding";
import { ENCRYPTED } from "./readState";
import type { PendingOperation, StackState, StateResource, StateValue } from "./readState";

/** A stack to compare, and a Keycard client with its settings. */
export interface Stack {
  readonly state: StackState;
  /** The stack's name for `--stack`; absent for the current stack and for a state file. */
  readonly name: string | undefined;
  readonly keycard: ReadOnlyKeycard;
  /** The organization of resources that name none. */
  readonly organizationId: string | undefined;
}

/** A stack's resource and its organization; `undefined` if that is encrypted or not configured. */
export interface Declared extends StateResource {
  readonly stack: Stack;
  readonly organization: Organization | undefined;
}

export interface Pending extends PendingOperation {
  readonly resource: Declared;
}

/** The resources of all compared stacks. */
export class Declarations {
  readonly resources: readonly Declared[];
  readonly pending: readonly Pending[];
  /** The organizations to read. */
  readonly organizations: readonly Organization[];
  /** IDs of the accounts and credentials that a stack manages. */
  readonly managedIds: ReadonlySet<string>;
  /** Resources that a stack only reads, by ID. */
  readonly readers: ReadonlyMap<string, Declared>;
  /** The names that the stacks record for their accounts, by ID, also of deleted accounts. */
  readonly accountNames: ReadonlyMap<string, string>;
  readonly #organizations = new Map<string, Organization>();

  /**
   * @param others IDs or labels of organizations to read in addition, with the settings of the first stack
   * @throws {ResourceError} if there is no organization to read
   */
  constructor(
    readonly stacks: readonly Stack[],
    others: readonly string[],
  ) {
    const declared = (stack: Stack) => (one: StateResource) => this.#declared(one, stack);
    this.resources = stacks.flatMap((stack) => stack.state.resources.map(declared(stack)));
    this.pending = stacks.flatMap((stack) =>
      stack.state.pending.map(({ operation, resource }) => ({
        operation,
        resource: declared(stack)(resource),
      })),
    );
    if (others.length === 0) for (const stack of stacks) this.#addDefaultOrganization(stack);
    for (const id of others) if (stacks[0]) this.#organization(id, stacks[0]);
    this.organizations = [...this.#organizations.values()];
    if (this.organizations.length === 0) throw noOrganizationToCompare(stacks);
    this.managedIds = new Set(this.managedObjects().flatMap(({ id }) => id ?? []));
    const read = this.resources.filter(({ lifecycle }) => lifecycle === "read");
    this.readers = new Map(read.flatMap((one) => (one.id === undefined ? [] : [[one.id, one]])));
    this.accountNames = new Map(
      this.managed("ServiceAccount").flatMap(({ id, name }): [string, string][] => {
        const known = plainValue(name);
        return id === undefined || known === undefined ? [] : [[id, known]];
      }),
    );
  }

  /** All resources, including those of pending operations. */
  get all(): Declared[] {
    return [...this.resources, ...this.pending.map(({ resource }) => resource)];
  }

  /** Returns the managed resources, of one type if given, without those whose creation is still to be verified. */
  managed(type?: ResourceType): Declared[] {
    return this.resources.filter(
      (one) =>
        one.lifecycle === "managed" && !one.pendingVerification && (type === undefined || one.type === type),
    );
  }

  /** Returns the managed accounts and credentials, without the earlier credentials of a `RotatingCredential`. */
  currentObjects(): Declared[] {
    return this.managedObjects().filter(({ generation }) => (generation?.role ?? "current") === "current");
  }

  /** Returns the managed accounts and credentials. */
  managedObjects(): Declared[] {
    return this.managed().filter(({ type }) => type !== "ExclusiveCredentials");
  }

  /** Returns the IDs of accounts whose unlisted credentials are drift. */
  watchedAccountIds(): Set<string> {
    const exclusive = this.managed("ExclusiveCredentials").flatMap(
      (one) => plainValue(one.serviceAccountId) ?? [],
    );
    return new Set([...this.managed("ServiceAccount").flatMap(({ id }) => id ?? []), ...exclusive]);
  }

  /** Returns what to read from Keycard. */
  scope(): InventoryScope {
    const { all } = this;
    const verified = all.filter(({ pendingVerification }) => !pendingVerification);
    const accounts = [
      ...verified.filter(({ type }) => type === "ServiceAccount"),
      ...all.map((one) => ({ id: plainValue(one.serviceAccountId), organization: one.organization })),
    ];
    return {
      organizations: this.organizations,
      accounts: accounts.flatMap(({ id, organization }) => (id === undefined ? [] : { id, organization })),
      credentials: verified
        .filter(({ type }) => type === "ServiceAccountCredential" || type === "RotatingCredential")
        .flatMap((one) => {
          const [id, serviceAccountId] = [one.id, plainValue(one.serviceAccountId)];
          return id === undefined || serviceAccountId === undefined ? [] : { id, serviceAccountId };
        }),
    };
  }

  #declared(one: StateResource, stack: Stack): Declared {
    // An encrypted organization need not be the default one.
    const id = one.organizationId === ENCRYPTED ? undefined : (one.organizationId ?? stack.organizationId);
    return { ...one, stack, organization: id === undefined ? undefined : this.#organization(id, stack) };
  }

  /** Adds the stack's configured organization if the state is empty or hides an organization. */
  #addDefaultOrganization(stack: Stack): void {
    const { state, organizationId } = stack;
    const all = [...state.resources, ...state.pending.map(({ resource }) => resource)];
    const isNamedByAll = all.length > 0 && all.every((one) => one.organizationId !== ENCRYPTED);
    if (!isNamedByAll && organizationId !== undefined) this.#organization(organizationId, stack);
  }

  /** Returns the organization. All stacks of one endpoint share it, with the settings of the first stack that names it. */
  #organization(id: string, { keycard, state }: Stack): Organization {
    const key = JSON.stringify([keycard.baseURL, id]);
    const source = this.stacks.length > 1 ? state.source : undefined;
    const organization = this.#organizations.get(key) ?? { id, keycard, source };
    this.#organizations.set(key, organization);
    return organization;
  }
}

/** Returns a value, or `undefined` if it is encrypted. */
export function plainValue(value: StateValue): string | undefined {
  return value === ENCRYPTED ? undefined : value;
}

/** Returns a resource's place in its stack, for the report. */
export function declarationOf({ urn, logicalName, stack: { state, name } }: Declared): Declaration {
  const { source, stack, project } = state;
  return { source, stack: name ?? stack, project, urn, resource: logicalName };
}

function noOrganizationToCompare(stacks: readonly Stack[]): ResourceError {
  const sources = stacks.map(({ state }) => state.source).join(", ");
  return new ResourceError(
    `No organization to read: none is named in plain text in the settings or in ${sources}. Pass --organization ID, or set KEYCARD_ORGANIZATION_ID.`,
  );
}
