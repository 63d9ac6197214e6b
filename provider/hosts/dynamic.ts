import { noteExisting, noteStaying } from "../create/adopt";
import { Memory } from "../session/memory";
import { InitializationError, ResourceError, withAdvice } from "../errors";
import { exclusiveCredentials } from "../resources/exclusiveCredentials";
import type { Keycard, Operations } from "../resources/operations";
import { serviceAccount } from "../resources/serviceAccount";
import { serviceAccountCredential } from "../resources/serviceAccountCredential";
import { defaultOrganizationId, keycardFrom } from "../session/settings";
import type { Config } from "../session/settings";

/** What arrives from the engine: a resource's properties, and the `__provider` text among them. */
type Properties = Record<string, unknown>;

/**
 * What a check refuses, as Pulumi wants it. The property stays empty, because beside one that is named Pulumi prints its value, even one that
 * was marked as secret.
 */
interface CheckFailure {
  property: "";
  reason: string;
}

/** The methods that Pulumi's dynamic provider host calls, many at a time. */
export interface HostedProvider {
  configure(request: { config: Config }): void;
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<object>;
  create(inputs: Properties): Promise<{ id: string; outs: object }>;
  read(id: string, props: Properties): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: object }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** One process serves one stack, so all types share its configuration, and with it one client, its token and its limits. */
let config: Config | undefined;
let keycard: Keycard | undefined;
const memory = new Memory();
const told = new Set<string>();

/** Pulumi shows what its host prints. A difference may be asked for several times; what it tells is told once. */
function tell(message: string): void {
  if (told.has(message)) return;
  told.add(message);
  console.log(message);
}

function settings(): Config {
  return config ?? { get: () => undefined };
}

/**
 * Settles who to ask at the first need, because the host does not make the other calls wait for `configure` where that
 * takes its time.
 */
function configured(): Keycard {
  return (keycard ??= { ...keycardFrom(settings()), memory, tell });
}

/** The same, for an operation on a resource that the state has. */
function knowing(id: string): Keycard {
  memory.known.add(id);
  return configured();
}

/** Fits plain operations to the dynamic provider host. */
function hosted<Inputs extends object, State extends object>(
  operations: Operations<Inputs, State>,
): HostedProvider {
  return {
    configure(request) {
      config ??= request.config; // Each type is configured, all of them alike.
    },
    async check(olds, news) {
      const { inputs, failures } = operations.check(news, defaultOrganizationId(settings()));
      const isNew = Object.keys(olds).length === 0;
      memory.noteDeclared(inputs);
      if (!isNew) noteExisting(inputs, memory);
      const reasons = [...failures, ...settingsFailures()];
      if (reasons.length === 0) reasons.push(...(await prepared(operations, inputs as Inputs, isNew)));
      return { inputs, failures: reasons.map((reason) => ({ property: "", reason })) };
    },
    async diff(id, olds, news) {
      if (memory.adopted.has(id)) throw takenOver(id);
      const difference = await advised(() => operations.diff(id, olds as State, news as Inputs, knowing(id)));
      if (difference.replaces.length === 0) noteStaying(news, memory);
      return difference;
    },
    create: (inputs) => advised(() => operations.create(inputs as Inputs, configured()), inputs, true),
    async read(id, props) {
      const found = await advised(() => operations.read(id, props as Partial<State>, configured()));
      if (found) memory.known.add(id);
      // Nothing in the answer is how the host is told that the resource is gone.
      return found ?? {};
    },
    async update(id, olds, news) {
      return {
        outs: await advised(() => operations.update(id, olds as State, news as Inputs, knowing(id)), news),
      };
    },
    async delete(id, props) {
      // It goes on as what took it over: the same resource under another name, or its replacement.
      if (memory.adopted.has(id)) return;
      await advised(() => operations.delete(id, props as State, knowing(id)));
      memory.deleted.add(id);
    },
  };
}

function prepared<Inputs, State>(
  { prepare }: Operations<Inputs, State>,
  inputs: Inputs,
  isNew: boolean,
): Promise<string[]> {
  return advised(() => Promise.resolve(prepare?.(inputs, isNew, configured()) ?? []));
}

/** For what two resources would manage: whichever goes first would delete it under the other. */
function takenOver(id: string): ResourceError {
  return new ResourceError(
    `Another resource of this program has just taken over "${id}" with adopt, although this one has it. ` +
      "Take that resource out of the program and, without deleting anything at Keycard, out of the state: `pulumi state delete <its URN>`.",
  );
}

/** What is wrong with the settings is told in the preview already, beside what is wrong with the inputs. */
function settingsFailures(): string[] {
  try {
    configured();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

async function advised<Answer>(
  operation: () => Promise<Answer>,
  inputs?: Properties,
  creating = false,
): Promise<Answer> {
  try {
    return await operation();
  } catch (error) {
    // The host adds `__provider` to what it is returned, but not to what it is thrown; without it the state is of no use.
    if (error instanceof InitializationError)
      Object.assign(error.properties, { __provider: inputs?.["__provider"] });
    throw withAdvice(error, creating);
  }
}

export const ServiceAccount = hosted(serviceAccount);
export const ServiceAccountCredential = hosted(serviceAccountCredential);
export const ExclusiveCredentials = hosted(exclusiveCredentials);
