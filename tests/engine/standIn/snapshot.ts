import type { PendingOperation } from "../types";
import type { Resource, State } from "./state";

/** The state while an operation changes it: after each step it is what the next operation would have to start from. */
export class Snapshot {
  /** What was there when the operation began. */
  readonly base: readonly Resource[];
  // Pulumi demands that a resource comes after what it depends on. What is done is in the order in which it was done;
  // what an update has not come to yet follows in its old order.
  private done: Resource[] = [];
  private remaining: Resource[];
  private readonly inFlight = new Map<string, PendingOperation<Resource>>();
  // Nobody knows whether they exist, until the user has found out and says so: Pulumi keeps them.
  private readonly unclear: PendingOperation<Resource>[];

  /** @param state nothing in a preview, which changes no state */
  constructor(
    resources: readonly Resource[],
    private state: State | undefined,
    pending: readonly PendingOperation<Resource>[],
  ) {
    this.unclear = pending.filter(({ type }) => type === "creating");
    this.base = [...resources];
    this.remaining = [...resources];
  }

  /**
   * Does something to a resource that the state notes before it is begun, so that it is known of should we be killed
   * meanwhile. What comes of it goes into the state together with its end.
   */
  async during<T>(type: PendingOperation["type"], resource: Resource, work: () => Promise<T>): Promise<T> {
    this.inFlight.set(resource.urn, { type, resource });
    await this.save();
    try {
      return await work();
    } catch (error) {
      this.inFlight.delete(resource.urn);
      await this.save();
      throw error;
    }
  }

  /** Puts in what an update did, for `old` if there was one. */
  async add(resource: Resource, old?: Resource): Promise<void> {
    this.inFlight.delete(resource.urn);
    this.remaining = this.remaining.filter((other) => other !== old);
    this.done.push(resource);
    await this.save();
  }

  /** Notes that something was replaced, and is to be deleted at the end. */
  condemn(old: Resource): void {
    this.remaining = this.remaining.map((other) => (other === old ? { ...old, delete: true } : other));
  }

  /** Puts in what is known of a resource now, in the place of what was known before. */
  async replace(old: Resource, found: Resource): Promise<void> {
    this.inFlight.delete(old.urn);
    this.remaining = this.remaining.map((other) => (other === old ? found : other));
    await this.save();
  }

  async remove(resource: Resource): Promise<void> {
    this.inFlight.delete(resource.urn);
    this.remaining = this.remaining.filter((other) => other !== resource);
    await this.save();
  }

  /** What no update has come to: what the program no longer declares, and what was replaced. */
  get leftOver(): readonly Resource[] {
    return this.remaining;
  }

  /** What an update that comes to a resource starts from. */
  old(urn: string): Resource | undefined {
    return this.remaining.find((resource) => resource.urn === urn && !resource.delete);
  }

  /** Forgets dependencies on what is no longer there. */
  async prune(): Promise<void> {
    const urns = new Set(this.remaining.map(({ urn }) => urn));
    for (const resource of this.remaining) {
      const { dependencies = [], propertyDependencies = {} } = resource;
      resource.dependencies = dependencies.filter((urn) => urns.has(urn));
      const kept = Object.entries(propertyDependencies)
        .map(([key, found]): [string, string[]] => [key, found.filter((urn) => urns.has(urn))])
        .filter(([, found]) => found.length > 0);
      resource.propertyDependencies = Object.fromEntries(kept);
    }
    await this.save();
  }

  /** The resource of that name as it is now; of one that is being replaced, the new one. */
  get(urn: string): Resource | undefined {
    return [...this.remaining, ...this.done].findLast((resource) => resource.urn === urn);
  }

  get resources(): Resource[] {
    return [...this.done, ...this.remaining];
  }

  /** Leaves the state as it is from now on. */
  freeze(): void {
    this.state = undefined;
  }

  async save(): Promise<void> {
    if (!this.state) return;
    this.state.resources = this.resources;
    this.state.pending = [...this.inFlight.values(), ...this.unclear];
    await this.state.save();
  }
}
