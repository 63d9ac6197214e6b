import * as pulumi from "@pulumi/pulumi";
import { exclusiveCredentials } from "../resources/exclusiveCredentials";
import type { ExclusiveCredentialsArgs } from "../resources/exclusiveCredentials";
import { registration } from "./registration";

/**
 * Restricts a service account to the listed credentials. Any other credential is drift: a refresh or an update records it, the preview announces its
 * revocation, and the next `pulumi up` revokes it if it is still unlisted. A credential that the state records as managed by this stack is never
 * revoked, even if it is not listed, but a preview then reports it: list it, too. The credential that Pulumi signs in with is never revoked, either.
 * This resource creates nothing at Keycard, and deleting it deletes nothing there. Declare at most one for each account.
 */
export class ExclusiveCredentials extends pulumi.CustomResource {
  /** The organization, by ID or by label, as in the arguments. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The listed IDs, and the IDs of any unlisted credentials that the last refresh found. */
  declare readonly credentialIds: pulumi.Output<string[]>;
  /** The IDs of the credentials that this stack manages, as of the last update or refresh. */
  declare readonly managedIds: pulumi.Output<string[]>;
  /** The IDs of other credentials that the last refresh or update found, and that the next update revokes; absent if there are none. */
  declare readonly otherIds: pulumi.Output<string[] | undefined>;

  /**
   * @param name the resource's logical name in Pulumi
   * @param args the credentials that the account may have
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, if a required argument is missing, or if the
   *   option `import` is given
   */
  constructor(name: string, args: ExclusiveCredentialsArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration("ExclusiveCredentials", name, exclusiveCredentials, { ...args }, opts), opts);
  }
}
