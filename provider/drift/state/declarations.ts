/** What the stacks say, together: which of Keycard's things are whose, and in which organizations they are. */
import { ResourceError } from "../../errors";
import type { ResourceType } from "../../resourceTypes";
import type { Declaration } from "../report/finding";
import type { Interest, Organization } from "../inventory/readInventory";
import type { ReadOnlyKeycard } from "../inventory/readOnly";
import { ENCRYPTED } from "./readState";
import type { PendingOperation, Stated, StatedResource, StackState } from "./readState";

/** A stack: what its state says, and how Keycard is read for it. */
export interface Stack {
  readonly state: StackState;
  /** What its user calls it, for commands; nothing where it is the current one, or not known. */
  readonly name: string | undefined;
  readonly keycard: ReadOnlyKeycard;
  /** The organization of resources that name none. */
  readonly organizationId: string | undefined;
}

/** A stack's resource, and where at Keycard it is. */
export interface Declared extends StatedResource {
  readonly stack: Stack;
  readonly organization: Organization | undefined;
}

export interface Pending {
  readonly doing: PendingOperation["doing"];
  readonly resource: Declared;
}

/** All that some stacks say. */
export class Declarations {
  readonly resources: readonly Declared[];
  readonly pending: readonly Pending[];
  /** The organizations that the stacks have something in, and those to look in all the same. */
  readonly organizations: readonly Organization[];
  /** IDs of what a stack has, and means to keep. */
  readonly managed: ReadonlySet<string>;
  /** What the stacks call their accounts at Keycard, by ID: also those that are not there. */
  readonly accountNames: ReadonlyMap<string, string>;
  readonly #organizations = new Map<string, Organization>();

  /**
   * @param others organizations to look in, beside those that the stacks name, with the settings of the first stack
   * @throws {ResourceError} where there is no organization to look in
   */
  constructor(
    readonly stacks: readonly Stack[],
    others: readonly string[],
  ) {
    const declared = (stack: Stack) => (one: StatedResource) => this.#declared(one, stack);
    this.resources = stacks.flatMap((stack) => stack.state.resources.map(declared(stack)));
    this.pending = stacks.flatMap((stack) =>
      stack.state.pending.map(({ doing, resource }) => ({ doing, resource: declared(stack)(resource) })),
    );
    if (others.length === 0) for (const stack of stacks) this.#lookInUsual(stack);
    for (const id of others) if (stacks[0]) this.#organization(id, stacks[0]);
    this.organizations = [...this.#organizations.values()];
    if (this.organizations.length === 0) throw noOrganization(stacks);
    this.accountNames = new Map(
      this.kept("ServiceAccount").flatMap(({ id, name }): [string, string][] => {
        const told = textOf(name);
        return id === undefined || told === undefined ? [] : [[id, told]];
      }),
    );
    this.managed = new Set(this.things().flatMap(({ id }) => id ?? []));
  }

  /** All that is declared, also what Pulumi was only about to make. */
  get all(): Declared[] {
    return [...this.resources, ...this.pending.map(({ resource }) => resource)];
  }

  /** What is to stay, without what is not known to have been made. */
  kept(type?: ResourceType): Declared[] {
    return this.resources.filter(
      (one) => one.fate === "kept" && !one.unsettled && (type === undefined || one.type === type),
    );
  }

  /** The accounts and credentials that are to stay. */
  things(): Declared[] {
    return this.kept().filter(({ type }) => type !== "ExclusiveCredentials");
  }

  /** What is only read, by its ID at Keycard. */
  readers(): Map<string, Declared> {
    const read = this.resources.filter(({ fate }) => fate === "read");
    return new Map(read.flatMap((one) => (one.id === undefined ? [] : [[one.id, one]])));
  }

  /** IDs of the accounts whose credentials are to be the declared ones. */
  watched(): Set<string> {
    const exclusive = this.kept("ExclusiveCredentials").flatMap(
      ({ serviceAccountId }) => textOf(serviceAccountId) ?? [],
    );
    return new Set([...this.kept("ServiceAccount").flatMap(({ id }) => id ?? []), ...exclusive]);
  }

  /** What is to be read at Keycard. */
  interest(): Interest {
    const { all } = this;
    const real = all.filter(({ unsettled }) => !unsettled);
    const accountOf = (one: Declared) => textOf(one.serviceAccountId);
    const accounts = [
      ...real.filter(({ type }) => type === "ServiceAccount"),
      ...all.map((one) => ({ id: accountOf(one), organization: one.organization })),
    ];
    return {
      organizations: this.organizations,
      accounts: accounts.flatMap(({ id, organization }) => (id === undefined ? [] : { id, organization })),
      credentials: real
        .filter(({ type }) => type === "ServiceAccountCredential")
        .flatMap((one) => {
          const [id, serviceAccountId] = [one.id, accountOf(one)];
          return id === undefined || serviceAccountId === undefined ? [] : { id, serviceAccountId };
        }),
    };
  }

  #declared(one: StatedResource, stack: Stack): Declared {
    // What is hidden may be any organization, and is not the usual one because of that.
    const id = one.organizationId === ENCRYPTED ? undefined : (one.organizationId ?? stack.organizationId);
    return { ...one, stack, organization: id === undefined ? undefined : this.#organization(id, stack) };
  }

  /** Where a stack says nothing that would tell its organization, or hides it, its settings have it. */
  #lookInUsual(stack: Stack): void {
    const { state, organizationId } = stack;
    const all = [...state.resources, ...state.pending.map(({ resource }) => resource)];
    const isToldByAll = all.length > 0 && all.every((one) => one.organizationId !== ENCRYPTED);
    if (!isToldByAll && organizationId !== undefined) this.#organization(organizationId, stack);
  }

  /** At one endpoint an organization is read once for all stacks, with the settings of the first that names it. */
  #organization(id: string, { keycard }: Stack): Organization {
    const key = JSON.stringify([keycard.baseURL, id]);
    const organization = this.#organizations.get(key) ?? { id, keycard };
    this.#organizations.set(key, organization);
    return organization;
  }
}

/** A property that could be read. */
export function textOf(stated: Stated): string | undefined {
  return stated === ENCRYPTED ? undefined : stated;
}

/** Where a stack has a resource, to be told. */
export function declarationOf({ urn, logicalName, stack: { state, name } }: Declared): Declaration {
  const { source, project } = state;
  const stack = name ?? state.stack;
  return {
    source,
    ...(stack === undefined ? {} : { stack }),
    ...(project === undefined ? {} : { project }),
    urn,
    resource: logicalName,
  };
}

function noOrganization(stacks: readonly Stack[]): ResourceError {
  const sources = stacks.map(({ state }) => state.source).join(", ");
  return new ResourceError(
    `Nothing tells which organization to compare with: ${sources} names none that could be read. Name it with --organization, or set KEYCARD_ORGANIZATION_ID.`,
  );
}
