import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount as WireServiceAccount } from "../../sdk";
import { findAdopted, previewAdoption, reconcileAdopted } from "../create/adopt";
import type { AdoptionTarget } from "../create/adopt";
import { createExactlyOnce } from "../create";
import { withPendingVerification } from "../create/pendingVerification";
import type { PendingVerification } from "../create/pendingVerification";
import type { CreateRequest, CreateStrategy } from "../create/strategy";
import { updateOrMarkUncertain } from "../errors";
import { accountRules, changedInputs, checkInputs, commonRules, createParams, updateParams } from "./inputs";
import type { ResourceOperations } from "./operations";
import {
  isInAnotherOrganization,
  organizationOf,
  requireOrganization,
  requirePreviouslyExisting,
  undefinedIfNotFound,
} from "./organization";
import { LARGEST_PAGE } from "./pages";
import type { AdoptionRequest } from "../session/adoption";
import type { ProviderContext } from "../session/context";
import type { Place } from "../session/creates";
import type { NamedArgs, OrganizationArgs } from "./args";

/** The arguments of a service account. */
export interface ServiceAccountArgs extends NamedArgs {
  /**
   * Adopts an existing account instead of creating one. Set it to the account's ID, or to `true` for the only account with exactly
   * this name: if there is none, Pulumi creates one; if there are several, it fails. Pulumi updates the adopted account to match the
   * other arguments, and manages it from then on. Ignored once the resource exists.
   */
  adopt?: pulumi.Input<boolean | string | undefined>;
}

/** Where to find an account that is only read: its organization. */
export type ServiceAccountState = OrganizationArgs;

interface Inputs extends AdoptionRequest {
  description?: string;
}

interface State extends Omit<Inputs, "adopt"> {
  createdAt: string;
  updatedAt: string;
  /** Set only if Keycard may have created the account and the search for it failed; apart from it, the state then holds only the inputs. */
  pendingVerification?: PendingVerification;
}

/** Builds the state from the wire; every operation returns through it, and every lookup. */
export function toState(account: WireServiceAccount, { organizationId }: Place): State {
  return {
    organizationId,
    name: account.name,
    ...(account.description ? { description: account.description } : {}),
    createdAt: account.created_at,
    updatedAt: account.updated_at,
  };
}

function accountsApi(context: ProviderContext) {
  return context.client.organizations.serviceAccounts;
}

/** Returns `undefined` if the account is deleted. */
function retrieve(id: string, { organizationId: organization_id }: Place, context: ProviderContext) {
  return undefinedIfNotFound(context, organization_id, () =>
    accountsApi(context).retrieve(id, { organization_id }),
  );
}

async function deleteAccount(
  id: string,
  { organizationId: organization_id }: Place,
  context: ProviderContext,
) {
  await undefinedIfNotFound(context, organization_id, () =>
    accountsApi(context).delete(id, { organization_id }),
  );
}

/** Creates an account, and finds it again after a lost response. */
function createStrategy(
  { organizationId, ...account }: CreateRequest,
  context: ProviderContext,
): CreateStrategy<WireServiceAccount, WireServiceAccount> {
  const params = createParams(account);
  return {
    request: { organizationId, ...params },
    create: () => accountsApi(context).create(organizationId, params),
    list: () => accountsApi(context).list(organizationId, LARGEST_PAGE),
    async isUsed({ id }) {
      const page = { organization_id: organizationId, limit: 1 };
      // An account that was deleted meanwhile is no candidate, either.
      const found = await undefinedIfNotFound(context, organizationId, () =>
        accountsApi(context).credentials.list(id, page),
      );
      return found === undefined || found.items.length > 0;
    },
    remove: (id) => deleteAccount(id, { organizationId }, context),
    recover: (found) => Promise.resolve(found),
  };
}

function adoptionTarget(inputs: Inputs, context: ProviderContext): AdoptionTarget<WireServiceAccount> {
  return {
    kind: "service account",
    retrieve: (id) => retrieve(id, inputs, context),
    list: () => accountsApi(context).list(inputs.organizationId, LARGEST_PAGE),
  };
}

/** The lifecycle of a service account. */
export const serviceAccount: ResourceOperations<Inputs, State> = withPendingVerification<Inputs, State>(
  createStrategy,
  {
    inputRules: accountRules,
    rules: commonRules,
    outputs: ["organizationId", "description", "createdAt", "updatedAt"],
    secrets: [],

    check: (news, organizationId) => checkInputs(accountRules, news, organizationId),

    async validateRemote(inputs, { exists, isPreview }, context) {
      return isPreview && !exists ? previewAdoption(inputs, adoptionTarget(inputs, context), context) : [];
    },

    async diff(id, olds, news, context) {
      const changed = changedInputs(commonRules, olds, news);
      const isMoved = await isInAnotherOrganization(olds, news, () => retrieve(id, news, context));
      return {
        changes: changed.length > 0,
        replaces: isMoved ? ["organizationId"] : [],
        affected: ["updatedAt"],
      };
    },

    async create(inputs, context) {
      const found = await findAdopted(inputs, adoptionTarget(inputs, context), context);
      if (found) return reconcileAdopted(found.id, toState(found, inputs), inputs, serviceAccount, context);
      const strategy = createStrategy(inputs, context);
      const account = await requireOrganization(inputs.organizationId, () =>
        createExactlyOnce(strategy, context),
      );
      return { id: account.id, outs: toState(account, inputs) };
    },

    async read(id, state, context) {
      const place = { organizationId: organizationOf(state, context) };
      const account = await retrieve(id, place, context);
      if (account === undefined) return requirePreviouslyExisting(id, state.createdAt ?? state.updatedAt);
      return toState(account, place);
    },

    async update(id, olds, news, context) {
      const change = { organization_id: news.organizationId, ...updateParams(news, olds) };
      const account = await updateOrMarkUncertain(id, olds, news, () =>
        accountsApi(context).update(id, change),
      );
      return toState(account, news);
    },

    delete: deleteAccount,
  },
);
