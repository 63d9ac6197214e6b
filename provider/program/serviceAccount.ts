import * as pulumi from "@pulumi/pulumi";
import { serviceAccount } from "../resources/serviceAccount";
import type { ServiceAccountArgs, ServiceAccountState } from "../resources/serviceAccount";
import { getOptions, registration, withDefaultName } from "./registration";

/**
 * A service account: a machine's identity in a Keycard organization. Its name and description are updated in place;
 * it is replaced when it moves to another organization. Deleting it deletes its credentials, too.
 */
export class ServiceAccount extends pulumi.CustomResource {
  /** The organization, by ID or by label, as in the arguments. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The account's name, as Keycard has it. */
  declare readonly name: pulumi.Output<string>;
  /** Its description, as Keycard has it; absent if it has none. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** When Keycard created it; RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When Keycard last changed it; RFC 3339, UTC. A change in this field alone does not count as drift. */
  declare readonly updatedAt: pulumi.Output<string>;

  /**
   * Reads an existing account without managing it: this program neither changes nor deletes it. A missing account is an
   * error.
   *
   * @param name the resource's logical name in Pulumi
   * @param id the account's ID
   * @param state the account's organization, if it is not the default one
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if the ID is empty, if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, or if the option
   *   `import` is given
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: ServiceAccountState,
    opts?: pulumi.CustomResourceOptions,
  ): ServiceAccount {
    return new ServiceAccount(name, state, getOptions(name, id, opts));
  }

  /**
   * @param name the resource's logical name in Pulumi; also the account's name if `args` has none
   * @param args the account's arguments
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, or if the option `import` is given
   */
  constructor(name: string, args: ServiceAccountArgs = {}, opts?: pulumi.CustomResourceOptions) {
    super(...registration("ServiceAccount", name, serviceAccount, withDefaultName(args, name), opts), opts);
  }
}
