import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount as WireServiceAccount } from "../sdk";
import { keepCreated } from "./created";
import { changedInputs, checkInputs, commonRules, inputsOf } from "./inputs";
import type { Keycard, Operations } from "./operations";
import { gone, isSameOrganization, organizationOf, unlessGone } from "./organization";
import { KeycardResource, named } from "./resource";

/** What a program says of a service account. */
export interface ServiceAccountArgs {
  /** The account's name, for people: not empty, need not be unique. Default: the resource's logical name. */
  name?: pulumi.Input<string | undefined>;
  /** At most 500 characters. Taken away, it is cleared at Keycard. */
  description?: pulumi.Input<string | undefined>;
  /**
   * The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, else the environment's
   * KEYCARD_ORGANIZATION_ID. Another organization means another account; another name of the same one does not.
   */
  organizationId?: pulumi.Input<string | undefined>;
}

interface Inputs {
  name: string;
  description?: string;
  organizationId: string;
}

interface State extends Inputs {
  createdAt: string;
  updatedAt: string;
}

/** The one way from the wire to the state; every operation returns through it. */
function toState(account: WireServiceAccount, organizationId: string): State {
  return {
    organizationId,
    name: account.name,
    ...(account.description ? { description: account.description } : {}),
    createdAt: account.created_at,
    updatedAt: account.updated_at,
  };
}

function accounts(keycard: Keycard) {
  return keycard.client.organizations.serviceAccounts;
}

/** The life of a service account at Keycard. */
export const serviceAccount: Operations<Inputs, State> = {
  check: (news, organizationId) => checkInputs(commonRules, news, organizationId),

  async diff(id, olds, news, keycard) {
    const changed = changedInputs(commonRules, olds, news);
    const moved =
      changed.includes("organizationId") &&
      !(await isSameOrganization(keycard, news.organizationId, (organization_id) =>
        accounts(keycard).retrieve(id, { organization_id }),
      ));
    return { changes: changed.length > 0, replaces: moved ? ["organizationId"] : [] };
  },

  create({ organizationId, name, description }, keycard) {
    return keepCreated(
      () => accounts(keycard).create(organizationId, { name, ...(description ? { description } : {}) }),
      (account) => toState(account, organizationId),
    );
  },

  async read(id, state, keycard) {
    const organization_id = organizationOf(state, keycard);
    const account = await unlessGone(keycard, organization_id, () =>
      accounts(keycard).retrieve(id, { organization_id }),
    );
    if (account === undefined) return gone(id, state.createdAt ?? state.updatedAt);
    const props = toState(account, organization_id);
    return { id, props, inputs: inputsOf<Inputs>(commonRules, props) };
  },

  async update(id, olds, { organizationId, name, description }, keycard) {
    const account = await accounts(keycard).update(id, {
      organization_id: organizationId,
      name,
      // An empty text clears it, and is sent only where there may be one.
      ...(description || olds.description ? { description: description ?? "" } : {}),
    });
    return toState(account, organizationId);
  },

  async delete(id, { organizationId: organization_id }, keycard) {
    await unlessGone(keycard, organization_id, () => accounts(keycard).delete(id, { organization_id }));
  },
};

/**
 * A service account: a machine's identity in a Keycard organization. Its name and description are updated in place;
 * it is replaced when it moves to another organization. Deleting it takes its credentials along.
 */
export class ServiceAccount extends KeycardResource {
  /** The organization, by ID or by label, as it was given. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The account's name, as Keycard has it. */
  declare readonly name: pulumi.Output<string>;
  /** Its description, as Keycard has it; absent where there is none. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** When Keycard created it; RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When Keycard last changed it; RFC 3339, UTC. A change of it alone is no drift. */
  declare readonly updatedAt: pulumi.Output<string>;

  /**
   * @param name the resource's logical name in Pulumi; also the account's, where `args` gives none
   * @param args what the account is to be
   * @param opts Pulumi's resource options
   */
  constructor(name: string, args: ServiceAccountArgs = {}, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      organizationId: undefined,
      description: undefined,
      createdAt: undefined,
      updatedAt: undefined,
    };
    super("ServiceAccount", name, { ...outputs, ...named(args, name) }, opts);
  }
}
