import { SETTINGS_IN_USE } from "../errors";
import type { ProviderContext } from "../session/context";
import type { ResourceOperations } from "./operations";
import { OrganizationNotFoundError } from "./organization";

type Located = { organizationId: string; pendingVerification?: unknown };

/**
 * Adds to a resource's operations what happens after the organization's label was renamed. A state keeps the label with which its resource
 * was last updated. If that organization is not found, the resource is looked for under the configured name: an object with the same ID
 * proves that both names are those of one organization.
 */
export function withRenamedOrganization<Inputs extends { organizationId: string }, State extends Located>(
  operations: ResourceOperations<Inputs, State>,
): ResourceOperations<Inputs, State> {
  /** Returns the configured name, and what `read` finds under it. @throws the error, unless it is a name of the same organization */
  async function readUnderNewName(
    id: string,
    state: Partial<State>,
    error: unknown,
    context: ProviderContext,
  ) {
    const organizationId = context.organizationId;
    if (!(error instanceof OrganizationNotFoundError)) throw error;
    const hasNewName = organizationId !== undefined && organizationId !== state.organizationId;
    // What is pending verification has no object whose ID could prove that the names are those of one organization.
    const hasObjects = !state.pendingVerification || operations.objectIds?.(id, state).length;
    if (!hasNewName || !hasObjects) throw withSettings(error);
    const found = await operations.read(id, { ...state, organizationId }, context);
    if (found) context.registry.markRenamed(String(state.organizationId));
    else if (!context.registry.isRenamed(String(state.organizationId))) throw withSettings(error);
    return { organizationId, found };
  }

  return {
    ...operations,

    diff(id, olds, news, context) {
      // After a refresh that found the new name, Pulumi compares the result with the inputs in the state, which have the old one.
      const isRefreshed = olds.organizationId === context.organizationId;
      const isRenamed = isRefreshed && context.registry.isRenamed(news.organizationId);
      const { organizationId } = isRenamed ? olds : news;
      return operations.diff(id, olds, { ...news, organizationId }, context);
    },

    async read(id, state, context) {
      try {
        return await operations.read(id, state, context);
      } catch (error) {
        return (await readUnderNewName(id, state, error, context)).found;
      }
    },

    async delete(id, state, context) {
      try {
        await operations.delete(id, state, context);
      } catch (error) {
        const { organizationId } = await readUnderNewName(id, state, error, context);
        await operations.delete(id, { ...state, organizationId }, context);
      }
    },
  };
}

function withSettings(error: OrganizationNotFoundError): Error {
  return new OrganizationNotFoundError(`${error.message}\n${SETTINGS_IN_USE}`, { cause: error });
}
