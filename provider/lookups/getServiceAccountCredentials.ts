import type { Permissions, ServiceAccountCredential as WireCredential } from "../../sdk";
import { ResourceError } from "../errors";
import { accountIdRule } from "../resources/inputs";
import { LARGEST_PAGE } from "../resources/pages";
import { toState } from "../resources/serviceAccountCredential";
import { readAllPages } from "./readAllPages";
import type { Inputs, Lookup } from "./lookup";

/** Arguments of {@link getServiceAccountCredentials}. */
export interface GetServiceAccountCredentialsArgs {
  /** The ID of the service account, 1 to 255 characters. */
  serviceAccountId: string;
}

/** Arguments of {@link getServiceAccountCredentialsOutput}. */
export type GetServiceAccountCredentialsOutputArgs = Inputs<GetServiceAccountCredentialsArgs>;

/** A credential at Keycard, without its secret, which Keycard returns only on creation. */
export interface GetServiceAccountCredentialResult {
  /** Keycard's ID of the credential, not its client ID. */
  id: string;
  /** ID or label of the organization, as passed to the lookup or configured. */
  organizationId: string;
  /** The ID of the account that signs in with it. */
  serviceAccountId: string;
  /** Other credentials may have the same name. */
  name: string;
  /** `undefined` if there is none. */
  description: string | undefined;
  /** The client ID to sign in with, which is not a secret. */
  clientId: string;
  /** When Keycard created it; RFC 3339, UTC. */
  createdAt: string;
  /** When the credential last signed in; RFC 3339, UTC; `undefined` if it never has. */
  lastUsedAt: string | undefined;
  /** Permissions by resource type; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

/** Result of {@link getServiceAccountCredentials}. */
export interface GetServiceAccountCredentialsResult {
  /** All credentials of the account, in Keycard's order. */
  credentials: GetServiceAccountCredentialResult[];
  /** Permissions on the list of credentials; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

export const credentialsLookup: Lookup<GetServiceAccountCredentialsArgs, GetServiceAccountCredentialsResult> =
  {
    name: "getServiceAccountCredentials",
    rules: { serviceAccountId: accountIdRule },
    async find({ serviceAccountId }, target) {
      const { context, organizationId, expand } = target;
      const { credentials } = context.client.organizations.serviceAccounts;
      const params = { organization_id: organizationId, ...LARGEST_PAGE, ...expand };
      const found = await readAllPages(target, `credentials of ${serviceAccountId}`, () =>
        credentials.list(serviceAccountId, params),
      );
      if (found === undefined)
        throw new ResourceError(
          `The organization "${organizationId}" has no service account with the ID "${serviceAccountId}". Check serviceAccountId (an account's ID, not a client ID) and the option organizationId.`,
        );
      const kept = { organizationId, serviceAccountId };
      return {
        credentials: found.items.map((credential) => toResult(credential, kept)),
        permissions: found.permissions,
      };
    },
  };

function toResult(
  credential: WireCredential,
  kept: { organizationId: string; serviceAccountId: string },
): GetServiceAccountCredentialResult {
  const { id, permissions } = credential;
  return { id, description: undefined, lastUsedAt: undefined, ...toState(credential, kept), permissions };
}
