import type * as pulumi from "@pulumi/pulumi";
import type { Permissions, ServiceAccountCredential as WireCredential } from "../../sdk";
import { ResourceError } from "../errors";
import { accountIdRule } from "../inputs";
import { LARGEST_PAGE } from "../list";
import { toState } from "../serviceAccountCredential";
import { readAll } from "./readAllPages";
import { lookUp, lookUpOutput } from "./lookup";
import type { Lookup, LookupOptions, LookupOutputOptions } from "./lookup";

/** Whose credentials are meant. */
export interface GetServiceAccountCredentialsArgs {
  /** The ID of the service account, 1 to 255 characters. */
  serviceAccountId: string;
}

/** The same, where the value may be an output. */
export interface GetServiceAccountCredentialsOutputArgs {
  /** See {@link GetServiceAccountCredentialsArgs.serviceAccountId}. */
  serviceAccountId: pulumi.Input<string>;
}

/** A credential, as Keycard tells of it: without its secret, which it tells at creation only. */
export interface GetServiceAccountCredentialResult {
  /** Keycard's ID of it, which is not its client ID. */
  id: string;
  /** The organization, by ID or by label, as it was asked for. */
  organizationId: string;
  /** The ID of the account that signs in with it. */
  serviceAccountId: string;
  /** For people; other credentials may have the same. */
  name: string;
  /** `undefined` where there is none. */
  description: string | undefined;
  /** The client ID to sign in with, which is no secret. */
  clientId: string;
  /** When Keycard created it; RFC 3339, UTC. */
  createdAt: string;
  /** When it last signed in; RFC 3339, UTC; `undefined` before the first time. */
  lastUsedAt: string | undefined;
  /** Resource type, then permission, then whether we have it; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

/** What {@link getServiceAccountCredentials} has found. */
export interface GetServiceAccountCredentialsResult {
  /** All of the account's, in Keycard's order; empty where there are none. */
  credentials: GetServiceAccountCredentialResult[];
  /** The same for the list: what may be done with the account's credentials as such; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

const lookup: Lookup<GetServiceAccountCredentialsArgs, GetServiceAccountCredentialsResult> = {
  name: "getServiceAccountCredentials",
  rules: { serviceAccountId: accountIdRule },
  async find({ serviceAccountId }, place) {
    const { asked, organizationId, expand } = place;
    const { credentials } = asked.client.organizations.serviceAccounts;
    const params = { organization_id: organizationId, ...LARGEST_PAGE, ...expand };
    const found = await readAll(place, `credentials of ${serviceAccountId}`, () =>
      credentials.list(serviceAccountId, params),
    );
    if (found === undefined)
      throw new ResourceError(
        `The organization "${organizationId}" has no service account of the ID "${serviceAccountId}". Check serviceAccountId (an account's ID, not a client ID), and the option organizationId.`,
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

/**
 * Looks up all credentials of a service account, without managing them. None comes with its secret.
 *
 * @throws {pulumi.RunError} where there is no such account; for bad arguments, for settings that are missing, and where Keycard cannot be asked
 */
export function getServiceAccountCredentials(
  args: GetServiceAccountCredentialsArgs,
  options?: LookupOptions,
): Promise<GetServiceAccountCredentialsResult> {
  return lookUp(lookup, args, options);
}

/** The same as {@link getServiceAccountCredentials}, for arguments that may be outputs; it looks when they are known, and fails the program as that does. */
export function getServiceAccountCredentialsOutput(
  args: GetServiceAccountCredentialsOutputArgs,
  options?: LookupOutputOptions,
): pulumi.Output<GetServiceAccountCredentialsResult> {
  return lookUpOutput(lookup, args, options);
}
