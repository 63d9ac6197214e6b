import type { ResourceRegistry } from "./registry";

/** The inputs that identify the object to adopt: by ID, or with `true` by organization and name. */
export interface AdoptionRequest {
  adopt?: boolean | string;
  organizationId: string;
  name: string;
}

/** Decides which resource may adopt which object, so that no object ends up with two resources or is deleted by a replacement. */
export class AdoptionTracker {
  readonly #requested = new Set<unknown>();
  readonly #adopted = new Set<string>();
  readonly #replacing = new Map<string, number>();

  constructor(private readonly registry: ResourceRegistry) {}

  /**
   * Records the inputs of a resource. One that exists already counts as being replaced until its diff says otherwise: its
   * replacement has the same inputs, and must not adopt the object that Pulumi deletes afterwards.
   */
  recordRequest(inputs: Partial<AdoptionRequest>, exists: boolean): void {
    if (!inputs.adopt) return;
    this.#requested.add(inputs.adopt);
    if (exists) this.#count(inputs, 1);
  }

  /** Records that an existing resource is not replaced. */
  markNotReplaced(inputs: Partial<AdoptionRequest>): void {
    if (inputs.adopt) this.#count(inputs, -1);
  }

  /** Returns true if the program names this ID in `adopt`, also before the object is adopted. */
  isRequested(id: string): boolean {
    return this.#requested.has(id);
  }

  /** Returns true if a create with these inputs replaces a resource that was to adopt the same object. */
  isReplacement(inputs: AdoptionRequest): boolean {
    // A resource that is deleted before it is replaced may be checked as if it had never existed.
    const isDeleted = typeof inputs.adopt === "string" && this.registry.isDeleted(inputs.adopt);
    return isDeleted || (this.#replacing.get(keyOf(inputs)) ?? 0) > 0;
  }

  /** Claims an object for one resource; returns false if another resource has it. */
  claim(id: string): boolean {
    if (this.registry.owns(id)) return false;
    this.registry.register(id);
    this.#adopted.add(id);
    return true;
  }

  /** Takes back a claim on an object that turned out not to exist. */
  unclaim(id: string): void {
    this.registry.release(id);
    this.#adopted.delete(id);
  }

  /** Returns true if a resource has adopted the object in this operation; the resource that had it before must not delete it. */
  isAdopted(id: string): boolean {
    return this.#adopted.has(id);
  }

  #count(inputs: Partial<AdoptionRequest>, change: 1 | -1): void {
    const key = keyOf(inputs);
    this.#replacing.set(key, Math.max(0, (this.#replacing.get(key) ?? 0) + change));
  }
}

function keyOf({ adopt, organizationId, name }: Partial<AdoptionRequest>): string {
  return JSON.stringify(adopt === true ? [organizationId, name] : adopt);
}
