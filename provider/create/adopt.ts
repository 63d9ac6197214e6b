/** Adopts objects that exist at Keycard: created by hand, or by an update that was killed before it wrote its state. */
import { InitializationError, ResourceError } from "../errors";
import { formatList, quoted } from "../resources/formatList";
import { isUnknown } from "../resources/inputs";
import type { CreateResult, ResourceOperations } from "../resources/operations";
import type { AdoptionRequest } from "../session/adoption";
import type { ProviderContext } from "../session/context";
import { unownedObjects } from "./search";
import type { RemoteObject } from "./strategy";

/** The objects that a resource can adopt. */
export interface AdoptionTarget<Found extends RemoteObject> {
  readonly kind: "service account" | "credential";
  /** Returns `undefined` if the object is not found. */
  retrieve(id: string): Promise<Found | undefined>;
  /** Lists the objects among which `adopt: true` looks for the name. */
  list?(): AsyncIterable<Found>;
  /** @throws {ResourceError} if the program does not prove that it may have the object */
  verify?(found: Found): Promise<void>;
}

/** Returns the object that the program asks to adopt, claimed for this resource; `undefined` if the resource is to be created. */
export async function findAdopted<Found extends RemoteObject>(
  inputs: AdoptionRequest,
  target: AdoptionTarget<Found>,
  context: ProviderContext,
): Promise<Found | undefined> {
  const { adopt: id, name } = inputs;
  const { adoption, creates } = context;
  if (!id || adoption.isReplacement(inputs)) return undefined;
  if (id === true)
    return creates.exclusively({ name }, async () => {
      creates.requireUnblocked({ name });
      const object = await findByName(name, target, context);
      if (object) adoption.claim(object.id);
      return object;
    });
  // Claims it before another resource can.
  if (!adoption.claim(id)) throw managedElsewhere(id);
  try {
    return await findById(id, target);
  } catch (error) {
    adoption.unclaim(id);
    throw error;
  }
}

/**
 * Shows in a preview which object `up` adopts, and which of its values it overwrites. Returns the reasons why it cannot. Changes nothing
 * but a credential's `last_used_at`, since a credential signs in.
 */
export async function previewAdoption<Found extends RemoteObject>(
  inputs: AdoptionRequest & { description?: string | undefined },
  target: AdoptionTarget<Found>,
  context: ProviderContext,
): Promise<string[]> {
  const { adopt: id, name, organizationId } = inputs;
  const isKnown = ![id, organizationId, ...(id === true ? [name] : [])].some(isUnknown);
  if (!id || !isKnown || context.adoption.isReplacement(inputs)) return [];
  try {
    if (id !== true && context.registry.owns(id)) throw managedElsewhere(id);
    const found = await (id === true ? findByName(name, target, context) : findById(id, target));
    context.logInfo(found ? announcement(found, inputs, target) : NOTHING_TO_ADOPT);
    return [];
  } catch (error) {
    if (error instanceof AdoptionError) return [error.message];
    throw error;
  }
}

const NOTHING_TO_ADOPT =
  "adopt: true: there is no service account with this name, apart from any that other resources of this program manage. `pulumi up` will probably create one.";

/** Omits the new values: they may be secret, and Pulumi shows them. */
function announcement<Found extends RemoteObject>(
  found: Found,
  inputs: AdoptionRequest & { description?: string | undefined },
  { kind }: AdoptionTarget<Found>,
): string {
  const overwritten = (["name", "description"] as const)
    .filter((key) => !isUnknown(inputs[key]) && (found[key] || undefined) !== (inputs[key] || undefined))
    .map((key) => `\n  ${key}: ${found[key] ? quoted(found[key]) : "none"}`);
  const object = `the ${kind} ${quoted(found.name)} (${found.id}), created ${found.created_at}`;
  const verb = inputs.adopt === true ? "will probably adopt" : "adopts";
  const changes =
    overwritten.length > 0
      ? `It overwrites these current values:${overwritten.join("")}`
      : "It changes nothing.";
  return `\`pulumi up\` ${verb} ${object}. ${changes}`;
}

/** An object cannot be adopted. */
export class AdoptionError extends ResourceError {}

function managedElsewhere(id: string): AdoptionError {
  return new AdoptionError(
    `adopt: another resource of this program already manages "${id}". Nothing was changed. Remove one of the two resources from the program.`,
  );
}

/** Returns the only object with this name that belongs to no resource; `undefined` if there is none. */
async function findByName<Found extends RemoteObject>(
  name: string,
  { list }: AdoptionTarget<Found>,
  { registry }: ProviderContext,
): Promise<Found | undefined> {
  const found = list ? await unownedObjects(list(), (object) => object.name === name, registry) : [];
  if (found.length > 1)
    throw new AdoptionError(
      `adopt: true adopts the only service account named "${name}", but there are ${found.length}:\n${formatList(found)}\nNothing was changed. Name the right one: adopt: "<its ID>".`,
    );
  return found[0];
}

async function findById<Found extends RemoteObject>(
  id: string,
  { retrieve, verify }: AdoptionTarget<Found>,
): Promise<Found> {
  const object = await retrieve(id);
  if (object === undefined)
    throw new AdoptionError(
      `adopt: no object with the ID "${id}" was found. Check that it is an ID, not a client ID, and check organizationId and, for a credential, serviceAccountId. To create a new object, remove the input adopt.`,
    );
  await verify?.(object);
  return object;
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
    const message = `${(error as Error).message}\nPulumi adopted the object ${id}, but could not update it to the program's values. The state contains it. Run \`pulumi up\` again.`;
    const properties = error instanceof InitializationError ? error.properties : state;
    throw new InitializationError(id, properties, message, { cause: error });
  }
}
