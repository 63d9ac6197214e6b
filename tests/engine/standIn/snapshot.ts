import type { PendingOperation } from "../types";
import type { Resource, State } from "./state";

/** The state while an operation changes it: after each step, the next operation could start from it. */
export class Snapshot {
  /** The resources at the beginning of the operation. */
  readonly base: readonly Resource[];
  // Pulumi requires dependencies to come first. Finished resources are in the order in which they finished; the others follow in
  // their old order.
  private done: Resource[] = [];
  private remaining: Resource[];
  private readonly inFlight = new Map<string, PendingOperation<Resource>>();
  // They may exist: Pulumi keeps them until the user clears them.
  private readonly unclear: PendingOperation<Resource>[];

  /** @param state `undefined` in a preview, which changes no state */
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
   * Runs work on a resource, and records it as a pending operation of the state meanwhile, in case the engine is killed. The result
   * is written together with the end of the operation.
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

  /** Records the result of an update, in place of `old` if there is one. */
  async add(resource: Resource, old?: Resource): Promise<void> {
    this.inFlight.delete(resource.urn);
    this.remaining = this.remaining.filter((other) => other !== old);
    this.done.push(resource);
    await this.save();
  }

  /** Records that a resource was replaced, and is to be deleted at the end. */
  condemn(old: Resource): void {
    this.remaining = this.remaining.map((other) => (other === old ? { ...old, delete: true } : other));
  }

  /** Replaces a resource by what is known of it now. */
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

  /** The resources that the update has not reached: undeclared and replaced ones. */
  get leftOver(): readonly Resource[] {
    return this.remaining;
  }

  /** Returns the resource from which an update of it starts. */
  old(urn: string): Resource | undefined {
    return this.remaining.find((resource) => resource.urn === urn && !resource.delete);
  }

  /** Removes dependencies on deleted resources. */
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

  /** Returns the resource as it is now; the new one if it is being replaced. */
  get(urn: string): Resource | undefined {
    return [...this.remaining, ...this.done].findLast((resource) => resource.urn === urn);
  }

  get resources(): Resource[] {
    return [...this.done, ...this.remaining];
  }

  /** Prevents further changes of the state. */
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
