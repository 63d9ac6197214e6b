import { reveal } from "../values";
import { allSettled, Operation } from "./operation";
import type { Resource } from "./state";

/** Deletes all resources in the state; the program does not run. */
export class Destroy extends Operation {
  protected work(): Promise<void> {
    this.warn();
    return deleteAll(this.snapshot.base, this);
  }
}

/**
 * Deletes resources: dependents first, and independent ones at the same time.
 * @throws Stop if a resource cannot be deleted. Its dependents have then been deleted; its dependencies have not
 */
export async function deleteAll(condemned: readonly Resource[], operation: Operation): Promise<void> {
  for (const layer of layers(condemned)) {
    await allSettled(layer.map((resource) => deleteOne(resource, operation)));
  }
}

function deleteOne(resource: Resource, operation: Operation): Promise<void> {
  const { journal, snapshot } = operation;
  return journal.step(opOf(resource), { before: resource }, async () => {
    if (resource.protect && !resource.delete) throw new Error(isProtected(resource));
    if (resource.pendingReplacement) await snapshot.remove(resource);
    else await carryOut(resource, operation, () => snapshot.remove(resource));
  });
}

/** Deletes a resource before its replacement is created. */
export function deleteFirst(resource: Resource, operation: Operation): Promise<void> {
  const { journal, snapshot } = operation;
  return journal.step("delete-replaced", { before: resource }, () =>
    carryOut(resource, operation, () =>
      snapshot.replace(resource, { ...resource, pendingReplacement: true }),
    ),
  );
}

async function carryOut(resource: Resource, operation: Operation, note: () => Promise<void>): Promise<void> {
  const { urn, id = "", outputs } = resource;
  if (operation.preview) return;
  await operation.snapshot.during("deleting", resource, async () => {
    if (resource.provider && !resource.external && !resource.retainOnDelete)
      await (await operation.provider(resource)).delete(urn, id, reveal(outputs));
    await note();
  });
}

function opOf(resource: Resource): string {
  if (resource.delete) return "delete-replaced";
  if (resource.pendingReplacement) return "remove-pending-replace";
  return resource.external ? "discard" : "delete";
}

function isProtected({ urn }: Resource): string {
  return `resource "${urn}" cannot be deleted
because it is protected. To unprotect the resource, either remove the \`protect\` flag from the resource in your Pulumi program and run \`pulumi up\`, or use the command:
\`pulumi state unprotect '${urn}'\``;
}

/** Sorts resources into layers; each may be deleted after the layers before it. */
function layers(resources: readonly Resource[]): Resource[][] {
  const left = new Set(resources);
  const found: Resource[][] = [];
  while (left.size > 0) {
    const urns = new Set([...left].map(({ urn }) => urn));
    const layer = [...left].filter((resource) => !dependencies(resource).some((urn) => urns.has(urn)));
    for (const resource of layer) left.delete(resource);
    found.unshift(layer);
  }
  return found;
}

function dependencies({ parent, provider, dependencies = [] }: Resource): string[] {
  const providerUrn = provider?.split("::").slice(0, -1).join("::");
  return [...dependencies, ...[parent, providerUrn].filter((urn) => urn !== undefined)];
}
