/** How Pulumi calls our types of resource: this, and then their own name. States keep it for good. */
export const TYPE_PREFIX = "pulumi-nodejs:dynamic/keycard:";
