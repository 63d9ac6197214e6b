import * as pulumi from "@pulumi/pulumi";

/** What Pulumi's own functions use of its classes, too, but what its types leave out. */
interface Hidden {
  /** Of an output: the resources that it comes from. */
  allResources?(): Promise<Set<pulumi.Resource>>;
  /** Of a component: settled when all that it consists of has been declared. */
  __data?: Promise<unknown>;
  /** Of a component: what it consists of. */
  __childResources?: Set<pulumi.Resource>;
}

/**
 * What was given, once all resources exist that it comes from, and those that are named. Where a preview is still to create one of them it
 * stays unknown, although each value may be known: the name of an account that the same program makes, for one.
 */
export function onceMade<T>(
  given: pulumi.Output<T>,
  dependsOn: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource> | undefined,
): pulumi.Output<T> {
  const named = pulumi.output(dependsOn) as pulumi.Output<pulumi.Resource | pulumi.Resource[] | undefined>;
  const ids = pulumi.all([named, resourcesOf(given), resourcesOf(named)]).apply(async ([one, ...others]) => {
    const resources = await whole([one ?? [], ...others].flat());
    return pulumi.all(resources.map((resource) => idOf(resource)));
  });
  return pulumi.all([given, ids]).apply(([value]) => value) as pulumi.Output<T>;
}

async function resourcesOf(output: pulumi.Output<unknown>): Promise<pulumi.Resource[]> {
  return [...((await (output as Hidden).allResources?.()) ?? [])];
}

/** The resources, and all that the components among them consist of. */
async function whole(resources: Iterable<pulumi.Resource>): Promise<pulumi.Resource[]> {
  const found = new Set(resources);
  for (const resource of found) {
    if (!pulumi.ComponentResource.isInstance(resource)) continue;
    const component = resource as Hidden;
    await component.__data;
    for (const child of component.__childResources ?? []) found.add(child);
  }
  return [...found];
}

/** What is known only when the resource exists; of a component, which never exists at a provider, its URN. */
function idOf(resource: pulumi.Resource): pulumi.Output<string> {
  return (pulumi.CustomResource.isInstance(resource) && resource.id) || resource.urn;
}
