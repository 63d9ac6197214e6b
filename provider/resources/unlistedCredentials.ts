/** The credentials of an account that a program does not list: which are kept, which are recorded, and which may be revoked. */
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import { ResourceError } from "../errors";
import type { ProviderContext } from "../session/context";
import { describeCredential } from "./describeCredential";
import { allOf, LARGEST_PAGE } from "./pages";
import { credentials } from "./serviceAccountCredential";

/** The credentials that an account may have. */
export interface CredentialList {
  organizationId: string;
  serviceAccountId: string;
  credentialIds: string[];
}

/** The records in the state about an account's credentials. */
export interface Recorded {
  /** IDs of which a resource of the stack is known to have been. */
  managedIds?: string[];
  /** IDs that an earlier refresh or update found, and that were neither listed nor managed. */
  otherIds?: string[];
}

/** The credentials of an account, by what an update does with them. */
export interface Inspection {
  /** IDs of all that resources of the stack have, listed or not. */
  managedIds: string[];
  /** Unlisted, but the stack manages or adopts them: revoking one would be an outage. Pulumi deletes those that it replaces or removes. */
  kept: WireCredential[];
  /** Neither listed nor managed, and found for the first time. */
  unrecorded: WireCredential[];
  /** Neither listed nor managed, and recorded by an earlier refresh or update. */
  revocable: WireCredential[];
}

/**
 * Reads all credentials of an account. Nothing depends on which resources Pulumi processes first: a credential is revocable only
 * if an earlier operation recorded it, and creates that are in progress end before their credentials are classified.
 *
 * @throws {ResourceError} if a client ID is listed, since the very credential that is meant would be revoked
 */
export async function inspectCredentials(
  { organizationId, serviceAccountId, credentialIds }: CredentialList,
  { managedIds = [], otherIds = [] }: Recorded,
  context: ProviderContext,
): Promise<Inspection> {
  const page = { organization_id: organizationId, ...LARGEST_PAGE };
  const all = await allOf(credentials(context).list(serviceAccountId, page));
  await context.creates.allEnded(serviceAccountId);
  refuseClientIds(all, credentialIds);

  const isManaged = ({ id }: WireCredential) => managedIds.includes(id) || context.registry.owns(id);
  const unlisted = all.filter(({ id }) => !credentialIds.includes(id));
  const kept = unlisted.filter((one) => isManaged(one) || context.adoption.isRequested(one.id));
  const others = unlisted.filter((one) => !kept.includes(one));
  return {
    managedIds: idsOf(all.filter(isManaged)),
    kept,
    unrecorded: others.filter(({ id }) => !otherIds.includes(id)),
    revocable: others.filter(({ id }) => otherIds.includes(id)),
  };
}

export function idsOf(objects: readonly { id: string }[]): string[] {
  return objects.map(({ id }) => id);
}

/** Formats a message about credentials of an account, a line each. */
export function message(
  { serviceAccountId }: CredentialList,
  text: string,
  about: readonly WireCredential[],
): string {
  const lines = about.map((one) => `\n  ${describeCredential(one)}`);
  return `ExclusiveCredentials of the service account "${serviceAccountId}": ${text}:${lines.join("")}`;
}

function refuseClientIds(all: readonly WireCredential[], listed: readonly string[]): void {
  const mistaken = all.find(({ client_id, id }) => listed.includes(client_id) && !listed.includes(id));
  if (mistaken === undefined) return;
  throw new ResourceError(
    `credentialIds has "${mistaken.client_id}", which is the client ID of the credential "${mistaken.id}". Nothing was revoked. List its id, as in \`key.id\`.`,
  );
}
