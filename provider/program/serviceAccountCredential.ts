import * as pulumi from "@pulumi/pulumi";
import { serviceAccountCredential } from "../resources/serviceAccountCredential";
import type {
  ServiceAccountCredentialArgs,
  ServiceAccountCredentialState,
} from "../resources/serviceAccountCredential";
import { getOptions, registration, withDefaultName, withSecrets } from "./registration";

/**
 * A service account's credential: the client ID and client secret that a machine signs in with. Its name and description
 * are updated in place; when it moves to another account or organization, Pulumi creates a new one, and then deletes the old one.
 */
export class ServiceAccountCredential extends pulumi.CustomResource {
  /** The organization, by ID or by label, as in the arguments. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account that signs in with it. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The credential's name, as Keycard has it. */
  declare readonly name: pulumi.Output<string>;
  /** Its description, as Keycard has it; absent if it has none. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** The client ID to sign in with; Keycard generates it, and it is not a secret. */
  declare readonly clientId: pulumi.Output<string>;
  /**
   * A Pulumi secret. Keycard returns it once, at creation, and the state keeps it from then on. A credential that is only read
   * ({@link get}) has none.
   */
  declare readonly clientSecret: pulumi.Output<string>;
  /** The map whose change rotates the credential, as in the arguments. */
  declare readonly rotateWhenChanged: pulumi.Output<Record<string, string> | undefined>;
  /** When Keycard created it; RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When it last signed in, as of the last refresh; RFC 3339, UTC. A change in this field alone does not count as drift. */
  declare readonly lastUsedAt: pulumi.Output<string | undefined>;

  /**
   * Reads an existing credential without managing it: this program neither changes nor deletes it. It has no `clientSecret`,
   * which Keycard returns at creation only. A missing credential is an error.
   *
   * @param name the resource's logical name in Pulumi
   * @param id the credential's ID, not its client ID
   * @param state the credential's account, and its organization if that is not the default one
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if the ID is empty, if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, or if the option
   *   `import` is given
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: ServiceAccountCredentialState,
    opts?: pulumi.CustomResourceOptions,
  ): ServiceAccountCredential {
    return new ServiceAccountCredential(name, state, getOptions(name, id, opts));
  }

  /**
   * @param name the resource's logical name in Pulumi; also the credential's name if `args` has none
   * @param args the credential's arguments
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, if a required argument is missing, or if the
   *   option `import` is given
   */
  constructor(name: string, args: ServiceAccountCredentialArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = withSecrets(serviceAccountCredential, withDefaultName(args, name));
    super(
      ...registration("ServiceAccountCredential", name, serviceAccountCredential, inputs, opts),
      pulumi.mergeOptions({ additionalSecretOutputs: serviceAccountCredential.secrets }, opts),
    );
  }
}
