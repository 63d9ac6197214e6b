import type * as pulumi from "@pulumi/pulumi";

/** The organization of a resource. */
export interface OrganizationArgs {
  /** The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, else KEYCARD_ORGANIZATION_ID in the environment. */
  organizationId?: pulumi.Input<string | undefined>;
}

/**
 * The arguments that a service account and a credential share. Moving either to another organization replaces it; naming
 * the same organization differently, by ID or by label, does not.
 */
export interface NamedArgs extends OrganizationArgs {
  /** The display name at Keycard. It must not be empty, and need not be unique. Default: the resource's logical name. */
  name?: pulumi.Input<string | undefined>;
  /** At most 500 characters. Removing it clears it at Keycard. */
  description?: pulumi.Input<string | undefined>;
}
