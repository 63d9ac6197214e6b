/** The types of resource, apart from what loads Pulumi, so that who only reads states need not. */

/** The provider host exports the provider of each under this name. */
export const RESOURCE_TYPES = ["ServiceAccount", "ServiceAccountCredential", "ExclusiveCredentials"] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** How Pulumi calls our types of resource: this, and then their own name. States keep it for good. */
export const TYPE_PREFIX = "pulumi-nodejs:dynamic/keycard:";
