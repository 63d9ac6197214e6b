import { noteExisting, noteStaying } from "./adoption";
import { Memory } from "./creation/memory";
import { InitializationError, withAdvice } from "./errors";
import type { Keycard, Operations } from "./operations";
import { serviceAccount } from "./serviceAccount";
import { serviceAccountCredential } from "./serviceAccountCredential";
import { defaultOrganizationId, keycardFrom } from "./settings";
import type { Config } from "./settings";

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
  check(olds: Properties, news: Properties): { inputs: Properties; failures: CheckFailure[] };
  diff(id: string, olds: Properties, news: Properties): Promise<object>;
  create(inputs: Properties): Promise<{ id: string; outs: object }>;
  read(id: string, props: Properties): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: object }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** One process serves one stack, so both types share its configuration, and with it one client, its token and its limits. */
let config: Config | undefined;
let keycard: Keycard | undefined;
const memory = new Memory();

function settings(): Config {
  return config ?? { get: () => undefined };
}

/**
 * Settles who to ask at the first need, because the host does not make the other calls wait for `configure` where that
 * takes its time.
 */
function configured(): Keycard {
  return (keycard ??= { ...keycardFrom(settings()), memory });
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
    check(olds, news) {
      const { inputs, failures } = operations.check(news, defaultOrganizationId(settings()));
      if (Object.keys(olds).length > 0) noteExisting(inputs, memory);
      const reasons = [...failures, ...settingsFailures()];
      return { inputs, failures: reasons.map((reason) => ({ property: "", reason })) };
    },
    async diff(id, olds, news) {
      const difference = await advised(() => operations.diff(id, olds as State, news as Inputs, knowing(id)));
      if (difference.replaces.length === 0) noteStaying(news, memory);
      return difference;
    },
    create: (inputs) => advised(() => operations.create(inputs as Inputs, configured()), inputs, true),
    async read(id, props) {
      const found = await advised(() => operations.read(id, props as Partial<State>, knowing(id)));
      // Nothing in the answer is how the host is told that the resource is gone.
      return found ?? {};
    },
    async update(id, olds, news) {
      return {
        outs: await advised(() => operations.update(id, olds as State, news as Inputs, knowing(id)), news),
      };
    },
    async delete(id, props) {
      if (memory.adopted.has(id)) return;
      await advised(() => operations.delete(id, props as State, knowing(id)));
    },
  };
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
