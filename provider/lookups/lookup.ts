/**
 * Runs lookups. Dynamic providers have no functions, so a lookup runs in the process of the program, not in the provider's.
 */
import * as pulumi from "@pulumi/pulumi";
import { ResourceError, SettingsError, withAdvice } from "../errors";
import {
  booleanSchema,
  checkInputs,
  commonRules,
  missingInputs,
  missingOrganization,
} from "../resources/inputs";
import type { Rules } from "../resources/inputs";
import { lookupContext } from "./context";
import type { LookupTarget } from "./context";
import { whenCreated } from "./whenCreated";

/** Options of a lookup. */
export interface LookupOptions {
  /**
   * The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, or else the environment variable
   * KEYCARD_ORGANIZATION_ID.
   */
  organizationId?: string | undefined;
  /** Also returns the permissions of the credential that Pulumi signs in with. Default: false. */
  permissions?: boolean | undefined;
}

/** Arguments whose values may be outputs. */
export type Inputs<Args> = { [Key in keyof Args]: pulumi.Input<Args[Key]> };

/** Options of a lookup whose arguments may be outputs. */
export interface LookupOutputOptions extends Inputs<LookupOptions> {
  /**
   * Resources that must exist before the lookup, in addition to those whose outputs are arguments. In the preview of an update that
   * creates one of them, the result is unknown and the lookup is skipped. A component is not accepted: pass the resources in it.
   */
  dependsOn?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource>;
}

/** A kind of lookup. */
export interface Lookup<Args, Result> {
  /** The name of the function that a program calls. */
  readonly name: string;
  readonly rules: Rules;
  /** @throws {ResourceError} if the object is missing or ambiguous */
  find(args: Args, target: LookupTarget): Promise<Result>;
}

const optionRules = {
  organizationId: { ...commonRules.organizationId, required: missingOrganization("option") },
  permissions: { schema: booleanSchema },
} satisfies Rules;

/**
 * Runs a lookup.
 *
 * @param isSecret whether an argument is secret; error messages then omit all arguments
 * @throws {pulumi.RunError} on any failure, since Pulumi prints its message without a stack trace
 */
export async function lookUp<Args extends object, Result>(
  { name, rules, find }: Lookup<Args, Result>,
  args: Args = {} as Args,
  options: LookupOptions = {},
  isSecret = false,
): Promise<Result> {
  // As in Pulumi's own functions: without it, a program that the Automation API runs could end before the response.
  const done = pulumi.runtime.rpcKeepAlive();
  try {
    requireObject("arguments", args);
    requireObject("options", options);
    refuseOutputs(name, { ...args, ...options });
    const context = lookupContext();
    const argument = checkInputs(rules, args as Record<string, unknown>, undefined, "argument");
    const option = checkInputs(optionRules, { ...options }, context.organizationId, "option");
    const failures = [...argument.failures, ...missingInputs(rules, argument.inputs), ...option.failures];
    if (failures.length > 0) throw new ResourceError(failures.join("\n"));
    const { organizationId, permissions } = option.inputs as {
      organizationId: string;
      permissions?: boolean;
    };
    const expand = permissions ? { expand: ["permissions" as const] } : {};
    return await find(argument.inputs as Args, { context, organizationId, expand });
  } catch (error) {
    throw toRunError(name, error, isSecret ? Object.values({ ...args, ...options }) : []);
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
