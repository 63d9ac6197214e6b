/** The IDs of the objects that this process knows as resources of its stack. It lives as long as one stack operation. */
export class ResourceRegistry {
  readonly #owned = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #renamed = new Set<string>();
  readonly #rotating = new Set<string>();

  register(id: string): void {
    this.#owned.add(id);
  }

  /** Returns true if a resource of the stack has this ID, as far as Pulumi has processed it in this operation. */
  owns(id: string): boolean {
    return this.#owned.has(id);
  }

  release(id: string): void {
    this.#owned.delete(id);
  }

  /** Records an earlier name of the configured organization. */
  markRenamed(organizationId: string): void {
    this.#renamed.add(organizationId);
  }

  /** Returns true if a resource in the organization of this name was found under the configured name. */
  isRenamed(organizationId: string): boolean {
    return this.#renamed.has(organizationId);
  }

  /** Records the ID of a resource whose credentials have IDs of their own. */
  markRotating(id: string): void {
    this.#rotating.add(id);
  }

  isRotating(id: string): boolean {
    return this.#rotating.has(id);
  }

  markDeleted(id: string): void {
    this.#deleted.add(id);
  }

  /** Returns true if this process has deleted the object. */
  isDeleted(id: string): boolean {
    return this.#deleted.has(id);
  }
}
