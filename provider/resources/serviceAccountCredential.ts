import * as pulumi from "@pulumi/pulumi";
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
import { getOptions, registration, withDefaultName } from "./properties";
import type { NamedArgs, OrganizationArgs } from "./properties";

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
  rules: comparedCredentialRules,

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
    const outputs = ["organizationId", "description", "clientId", "clientSecret", "createdAt", "lastUsedAt"];
    // A secret also if the program gives it in plain text.
    const secret = args?.clientSecret === undefined ? {} : { clientSecret: pulumi.secret(args.clientSecret) };
    const inputs = { ...withDefaultName(args, name), ...secret };
    super(
      ...registration("ServiceAccountCredential", name, credentialRules, outputs, inputs, opts),
      pulumi.mergeOptions({ additionalSecretOutputs: ["clientSecret"] }, opts),
    );
  }
}
