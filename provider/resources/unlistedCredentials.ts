/** The credentials of an account that a program does not list: which are kept, which are recorded, and which may be revoked. */
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import { ResourceError } from "../errors";
import type { ProviderContext } from "../session/context";
import { quoted } from "./formatList";
import { allOf, LARGEST_PAGE } from "./pages";
import { credentialsApi } from "./credentials";

/** The credentials that an account may have. */
export interface CredentialList {
  organizationId: string;
  serviceAccountId: string;
  credentialIds: string[];
}

/** The records in the state about an account's credentials. */
export interface CredentialRecords {
  /**
   * IDs of the credentials that resources of the stack have, or had when an update or a refresh last processed them. An ID stays until its
   * credential is deleted at Keycard: Pulumi deletes a replaced or removed credential only after everything that uses it has been
   * updated, which may take several updates.
   */
  managedIds: string[];
  /** IDs of the credentials that a refresh or an update found and that are neither listed nor managed. Absent if there are none. */
  otherIds?: string[];
}

/** The credentials of an account, by what an update does with them. */
export interface Inspection {
  /** IDs of all that resources of the stack have, listed or not. */
  managedIds: string[];
  /** Unlisted, but the stack manages or adopts them: revoking one would be an outage. Pulumi deletes those that it replaces or removes. */
  kept: WireCredential[];
  /** Unlisted, but Pulumi signs in with it: revoking it would lock Pulumi out. */
  own: WireCredential[];
  /** Neither listed nor managed, and found for the first time. */
  unrecorded: WireCredential[];
  /** Neither listed nor managed, and recorded by an earlier refresh or update. */
  revocable: WireCredential[];
}

/**
 * Reads all credentials of an account. Nothing depends on which resources Pulumi processes first: a credential is revocable only
 * if an earlier operation recorded it, and creates that are in progress end before their credentials are classified.
 *
 * @throws {ResourceError} if a client ID is listed, since the credential that it belongs to would count as unlisted, and be revoked
 */
export async function inspectCredentials(
  { organizationId, serviceAccountId, credentialIds }: CredentialList,
  { managedIds = [], otherIds = [] }: Partial<CredentialRecords>,
  context: ProviderContext,
): Promise<Inspection> {
  const page = { organization_id: organizationId, ...LARGEST_PAGE };
  const all = await allOf(credentialsApi(context).list(serviceAccountId, page));
  await context.creates.waitForCreates(serviceAccountId);
  refuseClientIds(all, credentialIds);

  const isManaged = ({ id }: WireCredential) => managedIds.includes(id) || context.registry.owns(id);
  const unlisted = all.filter(({ id }) => !credentialIds.includes(id));
  const kept = unlisted.filter((one) => isManaged(one) || context.adoption.isRequested(one.id));
  const own = unlisted.filter((one) => !kept.includes(one) && one.client_id === context.client.clientID);
  const others = unlisted.filter((one) => !kept.includes(one) && !own.includes(one));
  return {
    managedIds: idsOf(all.filter(isManaged)),
    kept,
    own,
    unrecorded: others.filter(({ id }) => !otherIds.includes(id)),
    revocable: others.filter(({ id }) => otherIds.includes(id)),
  };
}

export function idsOf(objects: readonly { id: string }[]): string[] {
  return objects.map(({ id }) => id);
}

/** Shows a message about credentials of an account, a line each, if there are any. */
export async function logAbout(
  credentials: readonly WireCredential[],
  text: string,
  { organizationId, serviceAccountId }: CredentialList,
  { client, logInfo }: ProviderContext,
): Promise<void> {
  if (credentials.length === 0) return;
  const { serviceAccounts } = client.organizations;
  const account = await serviceAccounts
    .retrieve(serviceAccountId, { organization_id: organizationId })
    // The message matters more than the name in it.
    .catch(() => undefined);
  const name = account === undefined ? "" : ` ${quoted(account.name)}`;
  const lines = credentials.map((one) => `\n  ${describeCredential(one)}`);
  logInfo(
    `ExclusiveCredentials of the service account${name} (${serviceAccountId}): ${text}:${lines.join("")}`,
  );
}

/** Describes a credential on one line, so that a person recognizes it. */
export function describeCredential(credential: WireCredential): string {
  const { id, name, created_at, last_used_at } = credential;
  const used = last_used_at === undefined ? "never used" : `last used ${last_used_at}`;
  return `${id}, ${quoted(name)}, created ${created_at}, ${used}`;
}

function refuseClientIds(all: readonly WireCredential[], listed: readonly string[]): void {
  const mistaken = all.find(({ client_id, id }) => listed.includes(client_id) && !listed.includes(id));
  if (mistaken === undefined) return;
  throw new ResourceError(
    `credentialIds contains "${mistaken.client_id}", which is the client ID of the credential "${mistaken.id}". Nothing was revoked. List the credential's id instead, for example \`key.id\`.`,
  );
}
