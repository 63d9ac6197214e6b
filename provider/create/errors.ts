import { ResourceError } from "../errors";
import { listed } from "../resources/listed";
import type { CreateRequest, RemoteObject } from "./strategy";

/** For several candidates, of which at most one is ours. Nothing is guessed. */
export function ambiguous(
  request: CreateRequest,
  candidates: readonly RemoteObject[],
  advice: string,
): ResourceError {
  return new ResourceError(
    `The response to the create of the ${kindOf(request)} "${request.name}" was lost, and it is uncertain which of these it created, if any:\n` +
      `${listed(candidates)}\nPulumi changed none of them. ${advice}`,
  );
}

/** For a response that names another object than a new one. */
export function notNew({ name }: CreateRequest, { id }: RemoteObject): ResourceError {
  return new ResourceError(
    `Keycard responded to the create of "${name}" with "${id}", which existed before. It was not changed, and is not in the state. ` +
      "Check that keycard:endpoint is Keycard's API.",
  );
}

export function kindOf({ serviceAccountId }: CreateRequest): string {
  return serviceAccountId === undefined ? "service account" : "credential";
}
