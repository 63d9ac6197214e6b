import { ResourceError } from "../errors";
import type { ResourceOperations } from "../resources/operations";

/** Adds to a resource's operations what the process must record about them, and the rules of adoption. */
export function tracked<Inputs extends object, State extends object>(
  operations: ResourceOperations<Inputs, State>,
): ResourceOperations<Inputs, State> {
  return {
    ...operations,

    validateRemote(inputs, stage, context) {
      context.adoption.recordRequest(inputs, stage.exists);
      return operations.validateRemote?.(inputs, stage, context) ?? Promise.resolve([]);
    },

    async diff(id, olds, news, context) {
      if (context.adoption.isAdopted(id)) throw adoptedElsewhere(id);
      context.registry.register(id);
      const diff = await operations.diff(id, olds, news, context);
      if (diff.replaces.length === 0) context.adoption.markNotReplaced(news);
      return diff;
    },

    async read(id, state, context) {
      const result = await operations.read(id, state, context);
      if (result) context.registry.register(id);
      return result;
    },

    update(id, olds, news, context) {
      context.registry.register(id);
      return operations.update(id, olds, news, context);
    },

    async delete(id, state, context) {
      // The resource that adopted the object keeps it: this one under a new name, or its replacement.
      if (context.adoption.isAdopted(id)) return;
      context.registry.register(id);
      await operations.delete(id, state, context);
      context.registry.markDeleted(id);
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
