import { reveal } from "../values";
import { allSettled, Operation } from "./operation";
import type { Resource } from "./state";

/** Deletes everything, with the providers that the state names; the program does not run. */
export class Destroy extends Operation {
  protected work(): Promise<void> {
    return deleteAll(this.snapshot.base, this);
  }
}

/**
 * Deletes resources: what depends on others before these, and independent ones at the same time.
 * @throws Stop if one can't be deleted: what depends on it is gone then, and what it depends on is still there
 */
export async function deleteAll(condemned: readonly Resource[], operation: Operation): Promise<void> {
  for (const layer of layers(condemned)) {
    await allSettled(layer.map((resource) => deleteOne(resource, operation)));
  }
}

async function deleteOne(resource: Resource, { journal, snapshot, preview, provider }: Operation) {
  const op = resource.delete ? "delete-replaced" : resource.external ? "discard" : "delete";
  await journal.step(op, { before: resource }, async () => {
    if (preview) return;
    if (resource.provider && !resource.external) {
      await (await provider(resource)).delete(resource.urn, resource.id ?? "", reveal(resource.outputs));
    }
    await snapshot.remove(resource);
  });
}

/** Sorts resources into layers; each may be deleted when those before it are gone. */
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
