import type { NotFoundError } from "../../sdk";
import { isNotFound } from "../../sdk/internal";
import { ResourceError } from "../errors";
import { isUnknown } from "./inputs";
import type { ProviderContext } from "../session/context";
import type { Place } from "../session/creates";

/** Returns the organization of a state, or the default one: a resource that is read by its ID need not name any. */
export function organizationOf(state: { organizationId?: string }, context: ProviderContext): string {
  const organizationId = state.organizationId ?? context.organizationId;
  if (organizationId !== undefined) return organizationId;
  throw new ResourceError(
    "The resource has no organization. Run `pulumi config set keycard:organizationId <ID or label>`, or set KEYCARD_ORGANIZATION_ID.",
  );
}

/**
 * Returns the result of a call, or `undefined` if its object is deleted. Keycard also responds with 404 if the organization is not
 * found (a renamed label, a wrong setting), and Pulumi would then create the whole stack a second time. So a 404 counts only if
 * the organization itself is reachable.
 */
export async function undefinedIfNotFound<Result>(
  context: Pick<ProviderContext, "client">,
  organizationId: string,
  call: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const { serviceAccounts } = context.client.organizations;
    await requireOrganization(organizationId, async () => serviceAccounts.list(organizationId, { limit: 1 }));
    return undefined;
  }
}

/** Returns the result of a call that can only fail with 404 if the organization is not found. */
export async function requireOrganization<Result>(
  organizationId: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw isNotFound(error) ? organizationNotFound(organizationId, error) : error;
  }
}

/**
 * Returns `undefined` for a deleted resource, which makes Pulumi drop it from the state. Throws if this stack has never read
 * the resource: Pulumi would otherwise accept an empty result as the outputs of `get`.
 *
 * @param knownOutput an output that only an earlier operation can have set
 * @throws {ResourceError} if it is not set
 */
export function requirePreviouslyExisting(id: string, knownOutput: string | undefined): undefined {
  if (knownOutput !== undefined) return undefined;
  throw new ResourceError(
    `No object with the ID "${id}" was found. Check the ID, and the inputs organizationId and, for a credential, serviceAccountId.`,
  );
}

/** An organization is not reachable: nothing in it counts as deleted. */
export class OrganizationNotFoundError extends ResourceError {}

function organizationNotFound(organizationId: string, cause: NotFoundError): OrganizationNotFoundError {
  return new OrganizationNotFoundError(
    `Organization "${organizationId}" was not found, or the credential that Pulumi signs in with cannot access it. No resource in it was changed. ` +
      "If its label was renamed, use the new label or its ID: `pulumi config set keycard:organizationId <ID or label>`.",
    { cause },
  );
}

/**
 * Returns true if the new inputs move a resource to another organization; naming the same one differently, by ID or by label, does
 * not. The API cannot compare the two, so `find` requests the resource under the new one: an object with the same ID is the same object.
 *
 * @throws {ResourceError} if the organization is not found: a typing error must not replace anything
 */
export async function isInAnotherOrganization(
  olds: Place,
  news: Partial<Place>,
  find: () => Promise<unknown>,
): Promise<boolean> {
  if (news.organizationId === undefined || olds.organizationId === news.organizationId) return false;
  // Unknown before an up: a preview that announces too much is better than an unannounced replacement.
  return isUnknown(news.organizationId) || (await find()) === undefined;
}
