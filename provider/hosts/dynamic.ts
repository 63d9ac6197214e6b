/** Adapts the resources' operations to Pulumi's dynamic provider host, which loads this module: see `__provider`. */
import { InitializationError, withAdvice } from "../errors";
import { exclusiveCredentials } from "../resources/exclusiveCredentials";
import { inputsOf, PREVIEW_MARKER } from "../resources/inputs";
import type { ResourceOperations } from "../resources/operations";
import { rotatingCredential } from "../resources/rotatingCredential";
import { withRenamedOrganization } from "../resources/renamedOrganization";
import { serviceAccount } from "../resources/serviceAccount";
import { serviceAccountCredential } from "../resources/serviceAccountCredential";
import { Session } from "../session/context";
import type { ProviderContext } from "../session/context";
import { defaultOrganizationId, keycardFrom } from "../session/settings";
import type { Config } from "../session/settings";
import { tracked } from "../session/tracked";
import { forResource } from "./sharedErrors";

/** A resource's properties as the engine sends them, with the `__provider` text among them. */
type Properties = Record<string, unknown>;

/** The methods that Pulumi's dynamic provider host calls, many at a time. */
interface HostedProvider {
  configure(request: { config: Config }): void;
  /** Failures name no property: beside its name Pulumi prints its value, even a secret one. */
  check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: ""; reason: string }[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<object>;
  create(inputs: Properties): Promise<{ id: string; outs: object }>;
  read(id: string, props: Properties): Promise<{ id?: string; props?: object; inputs?: object }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: object }>;
  delete(id: string, props: Properties): Promise<void>;
}

/** One process serves one stack, so all types share its configuration, and with it one client, its token and its rate limit. */
let config: Config = { get: () => undefined };
let context: ProviderContext | undefined;
const session = new Session();
const logged = new Set<string>();

/** Pulumi shows under the stack what its host prints. It may call `diff` several times; a message is shown once. */
function logInfo(message: string): void {
  showOnce(message, message);
}

function showOnce(key: string, message: string): void {
  if (logged.has(key)) return;
  logged.add(key);
  console.log(message);
}

/** Connects on first use, because the host does not make other calls wait for an asynchronous `configure`. */
function getContext(): ProviderContext {
  return (context ??= { ...session, ...keycardFrom(config), logInfo });
}

function hosted<Inputs extends object, State extends object>(
  operations: ResourceOperations<Inputs, State>,
): HostedProvider {
  return {
    configure(request) {
      config = request.config; // Pulumi configures each type, all of them alike.
    },
    async check(olds, news) {
      const { inputs, failures } = operations.check(news, defaultOrganizationId(config));
      const reasons = [...failures, ...settingsFailures()];
      const stage = { exists: Object.keys(olds).length > 0, isPreview: PREVIEW_MARKER in news };
      if (reasons.length === 0) {
        const validate = () => operations.validateRemote?.(inputs as Inputs, stage, getContext());
        reasons.push(...((await withErrorAdvice(async () => validate())) ?? []));
      }
      return { inputs, failures: reasons.map((reason) => ({ property: "", reason })) };
    },
    diff: (id, olds, news) =>
      withErrorAdvice(async () => operations.diff(id, olds as State, news as Inputs, getContext())),
    create: (inputs) =>
      withErrorAdvice(async () => operations.create(inputs as Inputs, getContext()), inputs, true),
    async read(id, props) {
      const state = await withErrorAdvice(async () =>
        operations.read(id, props as Partial<State>, getContext()),
      );
      // The host takes an empty result for a deleted resource.
      return state ? { id, props: state, inputs: inputsOf(operations.rules, state) } : {};
    },
    async update(id, olds, news) {
      const update = async () => operations.update(id, olds as State, news as Inputs, getContext());
      return { outs: await withErrorAdvice(update, news) };
    },
    delete: (id, props) => withErrorAdvice(async () => operations.delete(id, props as State, getContext())),
  };
}

/** Reports wrong settings in the preview already, beside bad input. */
function settingsFailures(): string[] {
  try {
    getContext();
    return [];
  } catch (error) {
    return [(forResource(error, showOnce) as Error).message];
  }
}

async function withErrorAdvice<Result>(
  operation: () => Promise<Result>,
  inputs?: Properties,
  isCreate = false,
): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    // The host adds `__provider` to results, but not to errors; without it Pulumi could not use the state.
    if (error instanceof InitializationError)
      Object.assign(error.properties, { __provider: inputs?.["__provider"] });
    throw forResource(withAdvice(error, isCreate), showOnce);
  }
}

export const ServiceAccount = hosted(tracked(withRenamedOrganization(serviceAccount)));
export const ServiceAccountCredential = hosted(tracked(withRenamedOrganization(serviceAccountCredential)));
export const RotatingCredential = hosted(tracked(withRenamedOrganization(rotatingCredential)));
export const ExclusiveCredentials = hosted(tracked(withRenamedOrganization(exclusiveCredentials)));
