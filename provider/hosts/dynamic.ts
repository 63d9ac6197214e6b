/** Adapts the resources' operations to Pulumi's dynamic provider host, which loads this module: see `providerText`. */
import { InitializationError } from "../errors";
import { inputsOf, PREVIEW_MARKER } from "../resources/inputs";
import type { Config } from "../session/settings";
import { Host, operationsOf } from "./host";
import type { AnyOperations, Properties } from "./host";

/** The methods that Pulumi's dynamic provider host calls, many at a time. Properties contain the text `__provider`. */
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

/** Pulumi shows under the stack what its host prints. */
const host = new Host((message) => console.log(message));

function hosted(operations: AnyOperations): HostedProvider {
  return {
    configure(request) {
      host.config = request.config; // Pulumi configures each type, all of them alike.
    },
    async check(olds, news) {
      const stage = { exists: Object.keys(olds).length > 0, isPreview: PREVIEW_MARKER in news };
      const { inputs, failures } = await host.check(operations, news, stage);
      return { inputs, failures: failures.map((reason) => ({ property: "", reason })) };
    },
    async diff(id, olds, news) {
      const diff = async () => operations.diff(id, olds, news, host.context);
      const { changes, replaces } = await host.withAdvice(diff);
      return { changes, replaces };
    },
    create: (inputs) =>
      withProviderText(inputs, () =>
        host.withAdvice(async () => operations.create(inputs, host.context), true),
      ),
    async read(id, props) {
      const state = await host.withAdvice(async () => operations.read(id, props, host.context));
      // The host takes an empty result for a deleted resource.
      return state ? { id, props: state, inputs: inputsOf(operations.rules, state) } : {};
    },
    update: (id, olds, news) =>
      withProviderText(news, async () => ({
        outs: await host.withAdvice(async () => operations.update(id, olds, news, host.context)),
      })),
    delete: (id, props) => host.withAdvice(async () => operations.delete(id, props, host.context)),
  };
}

/** Pulumi's host adds `__provider` to results, but not to errors; without it Pulumi could not use the state. */
async function withProviderText<Result>(
  inputs: Properties,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof InitializationError)
      Object.assign(error.properties, { __provider: inputs["__provider"] });
    throw error;
  }
}

export const ServiceAccount = hosted(operationsOf.ServiceAccount);
export const ServiceAccountCredential = hosted(operationsOf.ServiceAccountCredential);
export const RotatingCredential = hosted(operationsOf.RotatingCredential);
export const ExclusiveCredentials = hosted(operationsOf.ExclusiveCredentials);
