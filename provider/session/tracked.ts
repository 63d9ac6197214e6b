import { ResourceError } from "../errors";
import type { ResourceOperations } from "../resources/operations";
import type { ProviderContext } from "./context";

/** Adds to a resource's operations what the process must record about them, and the rules of adoption. */
export function tracked<Inputs extends object, State extends object>(
  operations: ResourceOperations<Inputs, State>,
): ResourceOperations<Inputs, State> {
  const idsOf = (id: string, state: Partial<State>) => operations.objectIds?.(id, state) ?? [id];
  const register = (id: string, state: Partial<State>, { registry }: ProviderContext) => {
    for (const objectId of idsOf(id, state)) registry.register(objectId);
  };
  return {
    ...operations,

    validateRemote(inputs, stage, context) {
      context.adoption.recordRequest(inputs, stage.exists);
      context.refreshes.recordCheck(inputs);
      return operations.validateRemote?.(inputs, stage, context) ?? Promise.resolve([]);
    },

    async diff(id, olds, news, context) {
      const adopted = idsOf(id, olds).find((objectId) => context.adoption.isAdopted(objectId));
      if (adopted !== undefined) throw adoptedElsewhere(adopted);
      register(id, olds, context);
      const diff = await operations.diff(id, olds, news, context);
      if (diff.replaces.length === 0) context.adoption.markNotReplaced(news);
      return diff;
    },

    async read(id, state, context) {
      const result = await operations.read(id, state, context);
      context.refreshes.recordRead(id);
      if (result) register(id, result, context);
      return result;
    },

    update(id, olds, news, context) {
      register(id, olds, context);
      return operations.update(id, olds, news, context);
    },

    async delete(id, state, context) {
      // The resource that adopted the object keeps it: this one under a new name, or its replacement.
      const ids = idsOf(id, state).filter((objectId) => !context.adoption.isAdopted(objectId));
      if (ids.length === 0 && context.adoption.isAdopted(id)) return;
      register(id, state, context);
      await operations.delete(id, state, context);
      for (const objectId of ids) context.registry.markDeleted(objectId);
    },
  };
}

/** For an object that two resources have: each would delete what the other still manages. */
function adoptedElsewhere(id: string): ResourceError {
  return new ResourceError(
    `Another resource of this program has just adopted "${id}", which this resource manages. ` +
      "Remove the other resource from the program, then run `pulumi state delete <URN of the other resource>`: it removes only the entry in the state, and deletes nothing at Keycard.",
  );
}
