import type { APIError } from "../../sdk";
import type { Wanted } from "../create/strategy";
import { Turns } from "./turns";

/** What was in a place before anything was made there: names by ID; nothing where the place was not there. */
export type Before = ReadonlyMap<string, string> | undefined;

/** What accounts and credentials have in common. */
export interface Thing {
  id: string;
  name: string;
  description?: string;
  created_at: string;
}

/** A create whose answer was lost. */
export interface Lost {
  readonly organizationId: string;
  readonly description: string | undefined;
  /** The server's time before it was sent, in milliseconds since 1970, where that is known. */
  readonly since: number | undefined;
  readonly error: APIError;
  /** Gives what was found to be made by it, if anything was; throws where nothing can be said. Set by a look. */
  outcome?: () => Thing | undefined;
}

/** What this host has done with things of one name in one place, so that it can tell them apart. */
export class Namesakes {
  readonly turns = new Turns();
  /** Creates whose answers were lost, and which no look has settled yet. */
  lost: Lost[] = [];
  /** IDs of what this host made or took over. */
  readonly ours = new Set<string>();
  /** Why nothing more of this name is made here: what was lost of it could be mistaken for it. */
  closed: Error | undefined;
}

/**
 * What one provider host remembers. It lives as long as the host, which serves one operation on one stack: what an earlier one
 * did is in the state, or nobody knows it.
 */
export class Memory {
  /** IDs of all that this host knows as some resource. */
  readonly known = new Set<string>();
  /** IDs of accounts that this host made, in which there was nothing before. */
  readonly made = new Set<string>();
  /** IDs of what was taken over here. If another resource had it, that one has let go of it: it is not to be deleted for that. */
  readonly adopted = new Set<string>();
  /** IDs of what was deleted here. */
  readonly deleted = new Set<string>();
  /** IDs that resources of the program name in `adopt`: also before they are taken over, they are nobody else's. */
  readonly adopting = new Set<string>();
  readonly #declared = new Set<string>();
  /** The lists of what may be in an account, where the program says that: see `exclusiveCredentials.ts`. */
  readonly exclusive = new Map<string, Set<string>>();
  /** How many resources, of those that were to take over the same thing, are being replaced: see `adoption.ts`. */
  readonly replacing = new Map<string, number>();
  readonly #namesakes = new Map<string, Namesakes>();
  readonly #turns = new Map<string, Turns>();
  readonly #before = new Map<string, Promise<Before>>();

  /**
   * Those of a name, of accounts or of one account's credentials; in all organizations, since one may be called by its ID here
   * and by its label there.
   */
  namesakes({ serviceAccountId, name }: Pick<Wanted, "serviceAccountId" | "name">): Namesakes {
    const key = JSON.stringify([serviceAccountId, name]);
    const found = this.#namesakes.get(key) ?? new Namesakes();
    this.#namesakes.set(key, found);
    return found;
  }

  /** For the creates of an account's credentials, with all that settles them, and for looks at the whole account. */
  turnsIn(serviceAccountId: string): Turns {
    const turns = this.#turns.get(serviceAccountId) ?? new Turns();
    this.#turns.set(serviceAccountId, turns);
    return turns;
  }

  /** Notes what the program says of a resource, whether it exists or not. */
  noteDeclared({ adopt, serviceAccountId, name }: Record<string, unknown>): void {
    if (typeof adopt === "string") this.adopting.add(adopt);
    this.#declared.add(JSON.stringify([serviceAccountId, name]));
  }

  /** Whether the program declares a credential of that name in that account. */
  isDeclared(serviceAccountId: string, name: string): boolean {
    return this.#declared.has(JSON.stringify([serviceAccountId, name]));
  }

  /** Notes that something is a resource of ours, and no other's. */
  claim({ id }: Thing, place: Pick<Wanted, "serviceAccountId" | "name">): void {
    this.namesakes(place).ours.add(id);
    this.known.add(id);
  }

  /**
   * What was in a place before this host made anything there. Asked for once; what failed is asked for again the next time.
   */
  before(
    { organizationId, serviceAccountId }: Pick<Wanted, "organizationId" | "serviceAccountId">,
    ask: () => Promise<Before>,
  ): Promise<Before> {
    const key = JSON.stringify([organizationId, serviceAccountId]);
    const before = this.#before.get(key) ?? ask();
    this.#before.set(key, before);
    before.catch(() => this.#before.delete(key));
    return before;
  }
}
