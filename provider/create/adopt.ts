/** Adopts objects that exist at Keycard: created by hand, or by an update that was killed before it wrote its state. */
import { InitializationError, ResourceError } from "../errors";
import { formatList } from "../resources/formatList";
import type { CreateResult, ResourceOperations } from "../resources/operations";
import type { AdoptionRequest } from "../session/adoption";
import type { ProviderContext } from "../session/context";
import { unownedObjects } from "./search";
import type { RemoteObject } from "./strategy";

/** Returns the only object with this name that belongs to no resource; `undefined` if there is none. */
export function adoptByName<Listed extends RemoteObject>(
  { name }: AdoptionRequest,
  list: () => AsyncIterable<Listed>,
  { adoption, creates, registry }: ProviderContext,
): Promise<Listed | undefined> {
  return creates.exclusively({ name }, async () => {
    creates.requireUnblocked({ name });
    const found = await unownedObjects(list(), (object) => object.name === name, registry);
    if (found.length > 1)
      throw new ResourceError(
        `adopt: true adopts the only service account named "${name}", but there are ${found.length}:\n${formatList(found)}\nNothing was changed. Name the right one: adopt: "<its ID>".`,
      );
    const [object] = found;
    if (object) adoption.claim(object.id);
    return object;
  });
}

/** Returns the object of an ID. @throws {ResourceError} if it is not found, or another resource has it */
export async function adoptById<Found extends RemoteObject>(
  id: string,
  retrieve: () => Promise<Found | undefined>,
  { adoption }: ProviderContext,
): Promise<Found> {
  // Claims it before another resource can.
  if (!adoption.claim(id)) {
    throw new ResourceError(
      `adopt: another resource of this program already manages "${id}". Nothing was changed. Remove one of the two resources from the program.`,
    );
  }
  try {
    const object = await retrieve();
    if (object) return object;
    throw new ResourceError(
      `adopt: no object with the ID "${id}" was found. Check that it is an ID, not a client ID, and check organizationId. To create a new object, remove the input adopt.`,
    );
  } catch (error) {
    adoption.unclaim(id);
    throw error;
  }
}

/** Updates an adopted object to the program's inputs. If that fails, the state keeps the object all the same. */
export async function reconcileAdopted<Inputs extends AdoptionRequest, State extends object>(
  id: string,
  state: State,
  inputs: Inputs,
  { diff, update }: ResourceOperations<Inputs, State>,
  context: ProviderContext,
): Promise<CreateResult<State>> {
  try {
    const { changes } = await diff(id, state, inputs, context);
    return { id, outs: changes ? await update(id, state, inputs, context) : state };
  } catch (error) {
    const message = `${(error as Error).message}\nPulumi adopted it as ${id}, and the state contains it. Run \`pulumi up\` again to update it.`;
    const properties = error instanceof InitializationError ? error.properties : state;
    throw new InitializationError(id, properties, message, { cause: error });
  }
}
