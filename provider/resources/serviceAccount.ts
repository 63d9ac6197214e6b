import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount as WireServiceAccount } from "../../sdk";
import { adoptById, adoptByName, reconcileAdopted } from "../create/adopt";
import { createExactlyOnce } from "../create";
import type { CreateRequest, CreateStrategy } from "../create/strategy";
import { deletePending, REPLACE_PENDING } from "../create/pendingVerification";
import type { PendingVerification } from "../create/pendingVerification";
import { updateOrMarkUncertain } from "../errors";
import {
  accountRules,
  changedInputs,
  changedTexts,
  checkInputs,
  commonRules,
  inputsOf,
  texts,
} from "./inputs";
import { LARGEST_PAGE } from "./pages";
import type { ProviderContext } from "../session/context";
import type { ResourceOperations } from "./operations";
import {
  requirePreviouslyExisting,
  isSameOrganization,
  organizationOf,
  undefinedIfNotFound,
} from "./organization";
import { KeycardResource, named, reading } from "./resource";

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
  /**
   * Takes over what exists, in place of creating: the account of this ID, or with `true` the one account of exactly that
   * name, if there is one. It is brought to what the program says, and managed from then on. Only read when the resource
   * would be created.
   */
  adopt?: pulumi.Input<boolean | string | undefined>;
}

/** Where an account is that is only read. */
export interface ServiceAccountState {
  /** The organization's ID or label. Default: `keycard:organizationId`, else the environment's KEYCARD_ORGANIZATION_ID. */
  organizationId?: pulumi.Input<string | undefined>;
}

interface Inputs {
  name: string;
  description?: string;
  organizationId: string;
  adopt?: boolean | string;
}

interface State extends Omit<Inputs, "adopt"> {
  createdAt: string;
  updatedAt: string;
  /** Only where it could not be found out whether Keycard has made it; then there is nothing else but the inputs. */
  pendingVerification?: PendingVerification;
}

/** The one way from the wire to the state; every operation returns through it, and every lookup. */
export function toState(account: WireServiceAccount, organizationId: string): State {
  return {
    organizationId,
    name: account.name,
    ...(account.description ? { description: account.description } : {}),
    createdAt: account.created_at,
    updatedAt: account.updated_at,
  };
}

function accounts(context: ProviderContext) {
  return context.client.organizations.serviceAccounts;
}

/** Creates an account, and finds it again after a lost response. */
function createStrategy(
  account: CreateRequest,
  context: ProviderContext,
): CreateStrategy<WireServiceAccount, WireServiceAccount> {
  const { organizationId } = account;
  const params = texts(account);
  return {
    request: { organizationId, ...params },
    create: () => accounts(context).create(organizationId, params),
    list: () => accounts(context).list(organizationId, LARGEST_PAGE),
    async isUsed({ id }) {
      const page = { organization_id: organizationId, limit: 1 };
      // An account that was deleted meanwhile is no candidate, either.
      const found = await undefinedIfNotFound(context, organizationId, () =>
        accounts(context).credentials.list(id, page),
      );
      return found === undefined || found.items.length > 0;
    },
    remove: (id) => remove(id, organizationId, context),
    recover: (found) => Promise.resolve(found),
  };
}

async function remove(id: string, organization_id: string, context: ProviderContext): Promise<void> {
  await undefinedIfNotFound(context, organization_id, () =>
    accounts(context).delete(id, { organization_id }),
  );
}

/** Returns the account to adopt, if the program asks for one. */
async function adopted(inputs: Inputs, context: ProviderContext): Promise<WireServiceAccount | undefined> {
  const { adopt, organizationId: organization_id } = inputs;
  if (!adopt || context.adoption.isReplacement(inputs)) return undefined;
  if (adopt === true)
    return adoptByName(inputs, () => accounts(context).list(organization_id, LARGEST_PAGE), context);
  const retrieve = () => accounts(context).retrieve(adopt, { organization_id });
  return adoptById(adopt, () => undefinedIfNotFound(context, organization_id, retrieve), context);
}

/** The life of a service account at Keycard. */
export const serviceAccount: ResourceOperations<Inputs, State> = {
  check: (news, organizationId) => checkInputs(accountRules, news, organizationId),

  async diff(id, olds, news, context) {
    if (olds.pendingVerification) return REPLACE_PENDING;
    const changed = changedInputs(commonRules, olds, news);
    const moved =
      changed.includes("organizationId") &&
      !(await isSameOrganization(context, news.organizationId, (organization_id) =>
        accounts(context).retrieve(id, { organization_id }),
      ));
    return { changes: changed.length > 0, replaces: moved ? ["organizationId"] : [] };
  },

  async create(inputs, context) {
    const found = await adopted(inputs, context);
    if (found) {
      return reconcileAdopted(
        found.id,
        toState(found, inputs.organizationId),
        inputs,
        serviceAccount,
        context,
      );
    }
    const account = await createExactlyOnce(createStrategy(inputs, context), context);
    return { id: account.id, outs: toState(account, inputs.organizationId) };
  },

  async read(id, state, context) {
    if (state.pendingVerification)
      return { id, props: state as State, inputs: inputsOf(commonRules, state as Inputs) };
    const organization_id = organizationOf(state, context);
    const account = await undefinedIfNotFound(context, organization_id, () =>
      accounts(context).retrieve(id, { organization_id }),
    );
    if (account === undefined) return requirePreviouslyExisting(id, state.createdAt ?? state.updatedAt);
    const props = toState(account, organization_id);
    return { id, props, inputs: inputsOf<Inputs>(commonRules, props) };
  },

  async update(id, olds, news, context) {
    const { organizationId } = news;
    const change = {
      organization_id: organizationId,
      ...changedTexts(news, olds),
    };
    const account = await updateOrMarkUncertain(id, olds, news, () => accounts(context).update(id, change));
    return toState(account, organizationId);
  },

  async delete(id, state, context) {
    if (state.pendingVerification)
      return deletePending(id, createStrategy(state, context), state.pendingVerification, context);
    return remove(id, state.organizationId, context);
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
   * Reads an account that exists, without managing it: nothing that this program does changes or deletes it. What is not
   * there is an error.
   *
   * @param name the resource's logical name in Pulumi
   * @param id the account's ID
   * @param state where it is, if not in the default organization
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} where the ID is empty, and for what the constructor refuses
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: ServiceAccountState,
    opts?: pulumi.CustomResourceOptions,
  ): ServiceAccount {
    return new ServiceAccount(name, state, reading(name, id, opts));
  }

  /**
   * @param name the resource's logical name in Pulumi; also the account's, where `args` gives none
   * @param args what the account is to be
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} where `keycard:clientSecret` or `keycard:apiKey` is configured in clear, and for the option `import`
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
