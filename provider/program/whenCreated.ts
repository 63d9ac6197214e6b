import * as pulumi from "@pulumi/pulumi";

/**
 * Returns the input as an output that is known only when all resources it depends on exist. In a preview that is going to create
 * one of them, the output stays unknown even where the value itself is known already, such as the name of an account that the program creates.
 */
export function whenCreated<T>(given: pulumi.Output<T>, dependsOn: unknown): pulumi.Output<T> {
  const created = pulumi.output(dependencyIds([given, dependsOn]));
  return pulumi.all([given, created]).apply(([value]) => value) as pulumi.Output<T>;
}

/** Returns the IDs of the resources that inputs depend on, which are unknown until the resources exist. */
async function dependencyIds(inputs: unknown[]): Promise<pulumi.Output<string>[]> {
  const dependencies = new Set<pulumi.Resource>();
  // Pulumi's own way to find out the dependencies of a resource's inputs.
  await pulumi.runtime.serializeProperty("lookup", inputs, dependencies);
  return [...dependencies].map((one) => (pulumi.CustomResource.isInstance(one) && one.id) || one.urn);
}
