/** The types of resource, in a module that does not load Pulumi, for code that only reads states. */

/** The names under which the provider host exports their operations. */
export const RESOURCE_TYPES = [
  "ServiceAccount",
  "ServiceAccountCredential",
  "RotatingCredential",
  "ExclusiveCredentials",
] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** The beginning of their type tokens; their name follows. States keep it for good. */
export const TYPE_PREFIX = "pulumi-nodejs:dynamic/keycard:";

/** The beginning of their type tokens in the native provider. */
export const NATIVE_PREFIX = "keycard:index:";

/** The beginning of the IDs of `RotatingCredential`, which stay the same while its credentials change. */
export const ROTATING_ID_PREFIX = "rotating-credential-";

/** Returns the type of a resource from its token; `undefined` if it is not one of this package's. */
export function resourceTypeOf(token: string): ResourceType | undefined {
  return RESOURCE_TYPES.find(
    (type) => token === `${TYPE_PREFIX}${type}` || token === `${NATIVE_PREFIX}${type}`,
  );
}
