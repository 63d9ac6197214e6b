import * as pulumi from "@pulumi/pulumi";
import { rotatingCredential } from "../resources/rotatingCredential";
import type { RotatingCredentialArgs } from "../resources/rotatingCredential";
import { registration, withDefaultName, withSecrets } from "./registration";

/**
 * A service account's credential that Pulumi replaces at a given age or on demand, while the previous one remains valid for a while. A rotation is an
 * update in place: the resource's `id` stays the same, `clientId` and `clientSecret` change. Renaming it renames its credentials at Keycard,
 * where each name ends in a number, as in "ci (2)". Deleting it deletes all of them, except one that Pulumi signs in with.
 */
export class RotatingCredential extends pulumi.CustomResource {
  /** The organization, by ID or by label, as in the arguments. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account that signs in with it. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The name, without the number that each credential has at Keycard. */
  declare readonly name: pulumi.Output<string>;
  /** The description, as Keycard has it; absent if it has none. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** As in the arguments. */
  declare readonly rotateAfter: pulumi.Output<string | undefined>;
  /** As in the arguments. */
  declare readonly keepPreviousFor: pulumi.Output<string | undefined>;
  /** The map whose change rotates the credential, as in the arguments. */
  declare readonly rotateWhenChanged: pulumi.Output<Record<string, string> | undefined>;
  /** The client ID of the current credential, to sign in with; it is not a secret. */
  declare readonly clientId: pulumi.Output<string>;
  /** The client secret of the current credential; a Pulumi secret. */
  declare readonly clientSecret: pulumi.Output<string>;
  /** The client ID of the previous credential; absent if there is none. */
  declare readonly previousClientId: pulumi.Output<string | undefined>;
  /** The client secret of the previous credential; a Pulumi secret; absent if there is none. */
  declare readonly previousClientSecret: pulumi.Output<string | undefined>;
  /**
   * The first `up` after this time revokes the previous credential. If it is still in use, `up` keeps it for at most another `keepPreviousFor`,
   * unless `rotateWhenChanged` caused the rotation. RFC 3339, UTC. Absent if there is no previous credential.
   */
  declare readonly previousRetiresAt: pulumi.Output<string | undefined>;
  /** When the current credential became the current one; RFC 3339, UTC. */
  declare readonly rotatedAt: pulumi.Output<string>;
  /**
   * When it is due to be rotated. The first `up` after this time rotates it; an `up` up to an hour earlier may do so, too. RFC 3339, UTC. Absent
   * without `rotateAfter`.
   */
  declare readonly nextRotationAt: pulumi.Output<string | undefined>;
  /** The IDs of all credentials of this resource, the current one first. Pass them to an `ExclusiveCredentials`. */
  declare readonly credentialIds: pulumi.Output<string[]>;

  /**
   * @param name the resource's logical name in Pulumi; also the credential's name if `args` has none
   * @param args the credential's arguments
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, if a required argument is missing, or if the
   *   option `import` is given
   */
  constructor(name: string, args: RotatingCredentialArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = withSecrets(rotatingCredential, withDefaultName(args, name));
    super(
      ...registration("RotatingCredential", name, rotatingCredential, inputs, opts),
      pulumi.mergeOptions({ additionalSecretOutputs: rotatingCredential.secrets }, opts),
    );
  }
}
