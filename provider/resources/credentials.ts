/** The calls for a service account's credentials, which several types of resource use. */
import { AuthenticationError } from "../../sdk";
import type { CredentialCreateResponse, ServiceAccountCredential as WireCredential } from "../../sdk";
import { AdoptionError } from "../create/adopt";
import type { AdoptionTarget } from "../create/adopt";
import type { CreateRequest, CreateStrategy, PartialResponse } from "../create/strategy";
import type { ProviderContext } from "../session/context";
import { createParams, isUnknown, secretSchema } from "./inputs";
import { undefinedIfNotFound } from "./organization";
import { LARGEST_PAGE } from "./pages";

/** The account of a credential. */
export interface CredentialPlace {
  organizationId: string;
  serviceAccountId: string;
}

export function credentialsApi(context: ProviderContext) {
  return context.client.organizations.serviceAccounts.credentials;
}

/** Returns the place of a credential as parameters of a call. */
export function placeParams({ organizationId, serviceAccountId }: CredentialPlace) {
  return { organization_id: organizationId, service_account_id: serviceAccountId };
}

/** Returns `undefined` if the credential is deleted. */
export function retrieveCredential(
  id: string,
  place: CredentialPlace,
  context: ProviderContext,
): Promise<WireCredential | undefined> {
  return undefinedIfNotFound(context, place.organizationId, () =>
    credentialsApi(context).retrieve(id, placeParams(place)),
  );
}

/** Revokes a credential; succeeds if it is deleted already. */
export async function revokeCredential(
  id: string,
  place: CredentialPlace,
  context: ProviderContext,
): Promise<void> {
  await undefinedIfNotFound(context, place.organizationId, () =>
    credentialsApi(context).delete(id, placeParams(place)),
  );
}

/**
 * Returns true if a client ID and a client secret sign in.
 *
 * @throws {KeycardError} if Keycard does not decide: it is not reachable, for example
 */
export async function canSignIn(
  { clientId: clientID, clientSecret }: { clientId: string; clientSecret: string },
  { client }: ProviderContext,
): Promise<boolean> {
  try {
    await client.withOptions({ clientID, clientSecret }).signIn();
    return true;
  } catch (error) {
    if (error instanceof AuthenticationError) return false;
    throw error;
  }
}

/** Returns how a resource adopts the credential that its inputs name, with its secret. */
export function adoptionTarget(
  inputs: CredentialPlace & { clientSecret?: string },
  context: ProviderContext,
): AdoptionTarget<WireCredential> {
  return {
    kind: "credential",
    retrieve: (id) => retrieveCredential(id, inputs, context),
    async verify({ id, client_id: clientId }) {
      const { clientSecret = "" } = inputs;
      if (isUnknown(clientSecret) || (await canSignIn({ clientId, clientSecret }, context))) return;
      throw new AdoptionError(
        `adopt: the credential "${id}" does not sign in with this clientSecret. Nothing was changed. If its secret is lost, remove adopt and clientSecret to create a new credential.`,
      );
    },
  };
}

/**
 * Creates a credential, and finds it again after a lost response.
 *
 * @param whenNotRevoked returns the error for a credential whose secret is lost and that could not be revoked
 */
export function credentialStrategy(
  request: CreateRequest & CredentialPlace,
  context: ProviderContext,
  whenNotRevoked: (found: WireCredential, cause: Error) => Error,
): CreateStrategy<CredentialCreateResponse, WireCredential> {
  const { organizationId, serviceAccountId } = request;
  const place = { organizationId, serviceAccountId };
  const params = createParams(request);
  const inOrganization = { organization_id: organizationId };
  return {
    request: { ...place, ...params },
    create: () => credentialsApi(context).create(serviceAccountId, { ...inOrganization, ...params }),
    list: () => credentialsApi(context).list(serviceAccountId, { ...inOrganization, ...LARGEST_PAGE }),
    isUsed: ({ last_used_at }) => Promise.resolve(last_used_at !== undefined),
    remove: (id) => revokeCredential(id, place, context),
    async recover(found, { id, client_id, client_secret }: PartialResponse) {
      if (id === found.id && client_id === found.client_id && client_secret && secretSchema(client_secret))
        return { ...found, client_secret };
      await revokeCredential(found.id, place, context).catch((error: Error) => {
        throw whenNotRevoked(found, error);
      });
      return undefined;
    },
  };
}
