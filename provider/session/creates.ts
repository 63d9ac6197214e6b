import { ResourceError } from "../errors";

/** Where an object is created: in an organization, or in one of its service accounts. */
export interface Place {
  organizationId: string;
  serviceAccountId?: string;
}

/** What makes two creates indistinguishable. The organization does not count: one resource may name it by ID and another by label. */
interface CreateKey {
  serviceAccountId?: string;
  name: string;
}

/** The objects of a place before this process created any there, and those that it has created since: names by ID. */
export type Baseline = Map<string, string>;

/** Coordinates the creates of one process, so that a search after a lost response never meets another create of the same name. */
export class CreateCoordinator {
  readonly #queues = new Map<string | undefined, Map<string, Promise<unknown>>>();
  readonly #baselines = new Map<string, Promise<Baseline | undefined>>();
  readonly #blocked = new Set<string>();

  /** Runs work on one name in one place after all earlier work on it. */
  exclusively<T>({ serviceAccountId, name }: CreateKey, work: () => Promise<T>): Promise<T> {
    const queues = this.#queues.get(serviceAccountId) ?? new Map<string, Promise<unknown>>();
    this.#queues.set(serviceAccountId, queues);
    const result = (queues.get(name) ?? Promise.resolve()).then(work);
    queues.set(
      name,
      result.catch(() => undefined),
    );
    return result;
  }

  /** Resolves when all creates in an account that have begun so far have ended, successfully or not. */
  async waitForCreates(serviceAccountId: string): Promise<void> {
    await Promise.all(this.#queues.get(serviceAccountId)?.values() ?? []);
  }

  /** Returns the baseline of a place, which is read once; a failed read is repeated the next time. */
  baseline(place: Place, read: () => Promise<Baseline | undefined>): Promise<Baseline | undefined> {
    const key = placeKey(place);
    const baseline = this.#baselines.get(key) ?? read();
    this.#baselines.set(key, baseline);
    baseline.catch(() => this.#baselines.delete(key));
    return baseline;
  }

  /** Records that a place has just been created, and so holds nothing. */
  setEmptyBaseline(place: Place): void {
    this.#baselines.set(placeKey(place), Promise.resolve(new Map()));
  }

  /** Refuses further creates of a name: they would be indistinguishable from one that is pending verification. */
  block(request: CreateKey): void {
    this.#blocked.add(keyOf(request));
  }

  /** @throws {ResourceError} if an earlier create of the name is pending verification */
  requireUnblocked(request: CreateKey): void {
    if (!this.#blocked.has(keyOf(request))) return;
    throw new ResourceError(
      `"${request.name}" was not created, because Pulumi could not find out whether an earlier request had created an object with this name. Run \`pulumi up\` again.`,
    );
  }
}

function placeKey({ organizationId, serviceAccountId }: Place): string {
  return JSON.stringify([organizationId, serviceAccountId]);
}

function keyOf({ serviceAccountId, name }: CreateKey): string {
  return JSON.stringify([serviceAccountId, name]);
}
