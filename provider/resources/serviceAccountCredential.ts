import type * as pulumi from "@pulumi/pulumi";
import type { CredentialCreateResponse, ServiceAccountCredential as WireCredential } from "../../sdk";
import { findAdopted, previewAdoption, reconcileAdopted } from "../create/adopt";
import { createExactlyOnce } from "../create";
import { withPendingVerification } from "../create/pendingVerification";
import type { PendingVerification } from "../create/pendingVerification";
import type { CreateRequest, CreateStrategy } from "../create/strategy";
import { InitializationError, ResourceError, updateOrMarkUncertain } from "../errors";
import {
  adoptionTarget,
  credentialsApi,
  credentialStrategy,
  placeParams,
  retrieveCredential,
  revokeCredential,
} from "./credentials";
import {
  changedInputs,
  checkInputs,
  comparedCredentialRules,
  createParams,
  credentialRules,
  isTriggerComplete,
  isUnknown,
  missingInputs,
  requireInputs,
  updateParams,
} from "./inputs";
import type { ResourceOperations } from "./operations";
import { isInAnotherOrganization, organizationOf, requirePreviouslyExisting } from "./organization";
import type { ProviderContext } from "../session/context";
import type { NamedArgs, OrganizationArgs } from "./args";

/** The arguments of a service account's credential. */
export interface ServiceAccountCredentialArgs extends NamedArgs {
  /** The ID of the account that signs in with it. Changing it replaces the credential. */
  serviceAccountId: pulumi.Input<string>;
  /**
   * Adopts the existing credential with this ID instead of creating one; requires `clientSecret`. Pulumi updates it to match the other
   * arguments, and manages it from then on. Ignored once the resource exists.
   */
  adopt?: pulumi.Input<string | undefined>;
  /**
   * The secret of the credential that `adopt` names; required with `adopt`, since Keycard does not return it a second time. Pulumi signs in with it
   * before it
   * adopts the credential, and keeps it as a secret, even if it is given in plain text.
   */
  clientSecret?: pulumi.Input<string | undefined>;
  /**
   * Rotates the credential when any value or key changes: Pulumi creates a new credential, updates what uses the old one, and deletes the
   * old one last; a `RotatingCredential` keeps the old one for `keepPreviousFor`. Adding or removing the whole map only updates the state. Example:
   * `{ breach: "2026-11" }`.
   */
  rotateWhenChanged?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
}

/** Where to find a credential that is only read: its account and organization. */
export interface ServiceAccountCredentialState extends OrganizationArgs {
  /** The ID of the account that it belongs to. */
  serviceAccountId: pulumi.Input<string>;
}

interface Inputs extends CreateRequest {
  serviceAccountId: string;
  adopt?: string;
  clientSecret?: string;
  rotateWhenChanged?: Record<string, string>;
}

interface State extends Omit<Inputs, "adopt"> {
  clientId: string;
  createdAt: string;
  lastUsedAt?: string;
  /** The response with the secret was lost, and the credential could not be deleted: only a new credential has a known secret. */
  secretLost?: true;
  /** Set only if Keycard may have created the credential and the search for it failed; apart from it, the state then holds only the inputs. */
  pendingVerification?: PendingVerification;
}

/** The fields of the state that no later response of Keycard contains; it returns the secret once. */
type Kept = Pick<
  State,
  "organizationId" | "serviceAccountId" | "clientSecret" | "secretLost" | "rotateWhenChanged"
>;

const ROTATION = "rotateWhenChanged";

/** Builds the state from the wire; every operation returns through it, and every lookup. */
export function toState(
  credential: WireCredential,
  { organizationId, serviceAccountId, clientSecret, secretLost, rotateWhenChanged }: Kept,
): State {
  return {
    organizationId,
    serviceAccountId,
    name: credential.name,
    ...(credential.description ? { description: credential.description } : {}),
    clientId: credential.client_id,
    ...(clientSecret ? { clientSecret } : {}),
    ...(secretLost ? { secretLost } : {}),
    ...(rotateWhenChanged ? { rotateWhenChanged } : {}),
    createdAt: credential.created_at,
    ...(credential.last_used_at ? { lastUsedAt: credential.last_used_at } : {}),
  };
}

function createStrategy(
  { organizationId, serviceAccountId, name, description }: CreateRequest & Kept,
  context: ProviderContext,
): CreateStrategy<CredentialCreateResponse, WireCredential> {
  const place = { organizationId, serviceAccountId };
  const request = { ...place, ...createParams({ name, description }) };
  return credentialStrategy(request, context, (found, error) => {
    const state = toState(found, { ...place, secretLost: true });
    const message = `${error.message}\nThe response to the request that creates this credential was lost, and its secret with it. The state contains the credential as ${found.id}. Run \`pulumi up\` again to replace the credential.`;
    return new InitializationError(found.id, state, message, { cause: error });
  });
}

/** Returns the state with the map that a later change is compared with. */
function withRotation(state: State, { rotateWhenChanged }: Inputs): State {
  const recorded = { ...state };
  if (rotateWhenChanged) recorded.rotateWhenChanged = rotateWhenChanged;
  else delete recorded.rotateWhenChanged;
  return recorded;
}

/** The lifecycle of a service account's credential. */
export const serviceAccountCredential: ResourceOperations<Inputs, State> = withPendingVerification<
  Inputs,
  State
>(createStrategy, {
  inputRules: credentialRules,
  rules: comparedCredentialRules,
  outputs: ["organizationId", "description", "clientId", "clientSecret", "createdAt", "lastUsedAt"],
  secrets: ["clientSecret"],

  /** Also accepts `<account's ID>/<credential's ID>`. */
  parseImportId(id) {
    const [serviceAccountId, credentialId] = id.split("/");
    return serviceAccountId && credentialId
      ? { id: credentialId, inputs: { serviceAccountId } }
      : { id, inputs: {} };
  },

  check: (news, organizationId) => checkInputs(credentialRules, news, organizationId),

  async validateRemote(inputs, { exists, isPreview }, context) {
    // With `--continue-on-error`, an input may be missing.
    if (
      exists ||
      !isPreview ||
      missingInputs(credentialRules, inputs).length > 0 ||
      isUnknown(inputs.serviceAccountId)
    )
      return [];
    return previewAdoption(inputs, adoptionTarget(inputs, context), context);
  },

  async diff(id, olds, news, context) {
    // With `--continue-on-error`, a value is missing if the resource that provides it failed.
    const changed = changedInputs(comparedCredentialRules, olds, news).filter(
      (property) => property !== ROTATION || isTriggerComplete(news),
    );
    const replaces: string[] = changed.filter((property) => property === "serviceAccountId");
    if (olds.secretLost) replaces.push("clientSecret");
    // Only recorded where it is added or removed: nobody wants a rotation for having made rotations possible.
    if (changed.includes(ROTATION) && olds[ROTATION] && news[ROTATION]) replaces.push(ROTATION);
    const find = () => retrieveCredential(id, news, context);
    if (replaces.length === 0 && (await isInAnotherOrganization(olds, news, find)))
      replaces.push("organizationId");
    return { changes: changed.length > 0 || replaces.length > 0, replaces };
  },

  async create(inputs, context) {
    requireInputs(credentialRules, inputs);
    const found = await findAdopted(inputs, adoptionTarget(inputs, context), context);
    if (found)
      return reconcileAdopted(found.id, toState(found, inputs), inputs, serviceAccountCredential, context);
    const credential = await createExactlyOnce(createStrategy(inputs, context), context);
    const kept = { ...inputs, clientSecret: credential.client_secret };
    // An incomplete map is recorded when it is complete: until then, nothing can be compared with it.
    if (!isTriggerComplete(inputs)) delete kept.rotateWhenChanged;
    return { id: credential.id, outs: toState(credential, kept) };
  },

  async read(id, state, context) {
    const { serviceAccountId } = state;
    if (!serviceAccountId)
      throw new ResourceError(
        "To read a credential, Pulumi also needs the ID of its account. Set serviceAccountId.",
      );
    const kept = { ...state, organizationId: organizationOf(state, context), serviceAccountId };
    const credential = await retrieveCredential(id, kept, context);
    if (credential === undefined) return requirePreviouslyExisting(id, state.createdAt ?? state.clientId);
    return toState(credential, kept);
  },

  async update(id, olds, news, context) {
    const { organizationId, serviceAccountId } = news;
    const recorded = withRotation(olds, news);
    if (changedInputs(comparedCredentialRules, olds, news).join() === ROTATION) return recorded;
    const change = { ...placeParams(news), ...updateParams(news, olds) };
    const credential = await updateOrMarkUncertain(id, olds, news, () =>
      credentialsApi(context).update(id, change),
    );
    return toState(credential, { ...recorded, organizationId, serviceAccountId });
  },

  delete: revokeCredential,
});
