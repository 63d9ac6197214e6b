import { NotFoundError } from "../../sdk";
import { isGone } from "../../sdk/call";
import { ResourceError } from "../errors";
import { isUnknown } from "./inputs";
import type { ProviderContext } from "../session/context";

/** The organization that a state names, or else the default one: a resource read by its ID need not name any. */
export function organizationOf(state: { organizationId?: string }, context: ProviderContext): string {
  const organizationId = state.organizationId ?? context.organizationId;
  if (organizationId !== undefined) return organizationId;
  throw new ResourceError(
    "No organization is named: run `pulumi config set keycard:organizationId <ID or label>`, or set KEYCARD_ORGANIZATION_ID.",
  );
}

/**
 * Makes a call about something in an organization; `undefined` where it is gone. A 404 also comes for an organization that
 * is not there (a label that was renamed, a wrong setting), and then nothing in it may count as gone: whole stacks
 * would be created a second time. So a 404 is believed only where the organization itself answers.
 */
export async function undefinedIfNotFound<Answer>(
  context: Pick<ProviderContext, "client">,
  organizationId: string,
  call: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!isGone(error)) throw error;
    await mustAnswer(context, organizationId);
    return undefined;
  }
}

/**
 * What reading answers for a resource that is not there: `undefined`, and it is dropped from the state. But one that a program
 * asks for by its ID has never been there, and Pulumi would take the empty answer for its outputs.
 *
 * @param seen an output that only a resource has which has been seen before
 * @throws {ResourceError} where it has not
 */
export function requirePreviouslyExisting(id: string, seen: string | undefined): undefined {
  if (seen !== undefined) return undefined;
  throw new ResourceError(
    `Keycard has nothing with the ID "${id}" there: check the ID, and the inputs that say where it is.`,
  );
}

async function mustAnswer(context: Pick<ProviderContext, "client">, organizationId: string): Promise<void> {
  try {
    await context.client.organizations.serviceAccounts.list(organizationId, { limit: 1 });
  } catch (error) {
    throw error instanceof NotFoundError ? noOrganization(organizationId, error) : error;
  }
}

/** For an organization that does not answer: nothing in it may count as gone. */
export function noOrganization(organizationId: string, cause: NotFoundError): ResourceError {
  return new ResourceError(
    `Keycard has no organization "${organizationId}", or hides it from these credentials, so nothing can be said of what is in it. ` +
      "If its label was renamed, use the new label or its ID: `pulumi config set keycard:organizationId <ID or label>`.",
    { cause },
  );
}

/**
 * Whether another name for the organization (ID, label) still means the same one. Nothing tells that directly, so it is
 * found out by looking: `retrieve` asks for the resource under the new name, and what is there by its ID is the same.
 *
 * @throws {ResourceError} where there is no such organization: a typing error must not replace anything
 */
export async function isSameOrganization(
  context: ProviderContext,
  organizationId: string,
  retrieve: (organizationId: string) => Promise<unknown>,
): Promise<boolean> {
  // Not known before an up: a replacement is announced rather than sprung.
  if (isUnknown(organizationId)) return false;
  return (await undefinedIfNotFound(context, organizationId, () => retrieve(organizationId))) !== undefined;
}
