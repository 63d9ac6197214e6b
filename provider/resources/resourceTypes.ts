/** The types of resource, in a module that does not load Pulumi, for code that only reads states. */

/** The names under which the provider host exports their operations. */
export const RESOURCE_TYPES = ["ServiceAccount", "ServiceAccountCredential", "ExclusiveCredentials"] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** The beginning of their type tokens; their name follows. States keep it for good. */
export const TYPE_PREFIX = "pulumi-nodejs:dynamic/keycard:";
