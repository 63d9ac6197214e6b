/**
 * Runs lookups. Dynamic providers have no functions, so a lookup runs in the process of the program, not in the provider's.
 */
import * as pulumi from "@pulumi/pulumi";
import { ResourceError, SettingsError, withAdvice } from "../errors";
import type { LookupContext } from "../lookups/context";
import { runLookup } from "../lookups/lookup";
import type { Inputs, Lookup, LookupOptions, LookupOutputOptions } from "../lookups/lookup";
import { keycardFrom } from "../session/settings";
import { refusePlainTextSecrets } from "./registration";
import { whenCreated } from "./whenCreated";

/** By settings, since one process may run the programs of several stacks, as the Automation API does. */
const contexts = new Map<string, LookupContext>();

/**
 * Returns the context of the running program: its lookups share a client, and with it the token and the rate limit. The client
 * has the settings of the provider host, which is another process.
 *
 * @throws {ResourceError} if a setting is missing or malformed
 */
function lookupContext(): LookupContext {
  refusePlainTextSecrets();
  const settings = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith("keycard:"));
  const key = JSON.stringify(settings);
  const context = contexts.get(key) ?? {
    ...keycardFrom({ get: pulumi.runtime.getConfig }),
    pendingLists: new Map(),
  };
  contexts.set(key, context);
  return context;
}

/**
 * Runs a lookup.
 *
 * @param isSecret whether an argument is secret; error messages then omit all arguments
 * @throws {pulumi.RunError} on any failure, since Pulumi prints its message without a stack trace
 */
export async function lookUp<Args extends object, Result>(
  lookup: Lookup<Args, Result>,
  args: Args = {} as Args,
  options: LookupOptions = {},
  isSecret = false,
): Promise<Result> {
  // As in Pulumi's own functions: without it, a program that the Automation API runs could end before the response.
  const done = pulumi.runtime.rpcKeepAlive();
  try {
    requireObject("arguments", args);
    requireObject("options", options);
    refuseOutputs(lookup.name, { ...args, ...options });
    return await runLookup(lookup, args, options, lookupContext());
  } catch (error) {
    throw toRunError(lookup.name, error, isSecret ? Object.values({ ...args, ...options }) : []);
  } finally {
    done();
  }
}

/**
 * Runs a lookup as soon as its arguments are known, which may not be the case in a preview. The result is secret if an argument
 * is, and depends on the same resources as the arguments.
 */
export function lookUpOutput<Args extends object, Result>(
  lookup: Lookup<Args, Result>,
  args: Inputs<Args> | undefined,
  options: LookupOutputOptions = {},
): pulumi.Output<Result> {
  // `options` may be null in JavaScript; `lookUp` then refuses them.
  const { dependsOn, ...others } = options ?? {};
  const given = pulumi.output({ args, options: options && others }) as pulumi.Output<{
    args?: Args;
    options: LookupOptions;
  }>;
  const known = pulumi.all([given, hasComponent(dependsOn)]);
  return whenCreated(known, dependsOn).apply(async ([{ args, options }, isRefused]) => {
    if (isRefused) throw toRunError(lookup.name, new ResourceError(COMPONENT), []);
    return lookUp(lookup, args as Args | undefined, options, await pulumi.isSecret(given));
  }) as pulumi.Output<Result>;
}

/** No documented API lists the resources in a component. */
const COMPONENT = "dependsOn contains a component resource. Pass the resources that it contains instead.";

function hasComponent(dependsOn: unknown): pulumi.Output<boolean> {
  const resources = pulumi.output(dependsOn) as pulumi.Output<unknown>;
  return resources.apply((all) => [all].flat().some((one) => pulumi.ComponentResource.isInstance(one)));
}

function requireObject(what: string, given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new ResourceError(`${what} must be an object`);
}

function refuseOutputs(name: string, given: object): void {
  for (const [key, value] of Object.entries(given))
    if (pulumi.Output.isInstance(value))
      throw new ResourceError(`${key} is an output, whose value is not known yet: use ${name}Output.`);
}

const IN_A_UNIT_TEST =
  "Lookups call Keycard even if Pulumi's mocks stand in for resources. In a unit test, start the emulator and set the environment variables to its settings: see docs/testing.md in pulumi-keycard.";

function toRunError(name: string, error: unknown, secrets: readonly unknown[]): unknown {
  const advised = withAdvice(error, true);
  if (!(advised instanceof ResourceError)) return error;
  const texts = secrets.filter((value) => typeof value === "string" && value !== "") as string[];
  const spellings = texts.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
  ]);
  const message = spellings.reduce((whole, part) => whole.replaceAll(part, "[secret]"), advised.message);
  const isUnitTest = error instanceof SettingsError && !pulumi.runtime.hasEngine();
  const failure = new pulumi.RunError(`${name}: ${isUnitTest ? `${message}\n${IN_A_UNIT_TEST}` : message}`);
  // Formatting a stack trace through @pulumi/pulumi takes up to a minute in some versions of Node.
  failure.stack = failure.message;
  return failure;
}
