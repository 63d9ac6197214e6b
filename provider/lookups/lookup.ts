/**
 * What all lookups share. Pulumi's dynamic providers have no functions, so a lookup runs in the process of the program, not in the
 * provider's.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Expand } from "../../sdk";
import { ResourceError, withAdvice } from "../errors";
import { booleanSchema, checkInputs, commonRules, missingOrganization } from "../inputs";
import type { Rules } from "../inputs";
import { onceMade } from "./waitForResources";
import { askedByProgram } from "./context";
import type { Asked } from "./context";

/** Where a lookup looks, and what it is to tell in addition. */
export interface LookupOptions {
  /**
   * The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, else the environment's
   * KEYCARD_ORGANIZATION_ID.
   */
  organizationId?: string | undefined;
  /** Whether to tell what the credential that Pulumi signs in with may do with what is found. Default: false. */
  permissions?: boolean | undefined;
}

/** The same for a lookup whose arguments may be outputs. */
export interface LookupOutputOptions {
  /** See {@link LookupOptions.organizationId}. */
  organizationId?: pulumi.Input<string | undefined>;
  /** See {@link LookupOptions.permissions}. */
  permissions?: pulumi.Input<boolean | undefined>;
  /**
   * Resources to wait for before looking; those of which an argument is an output are waited for in any case. Where a preview finds that
   * one of them is still to be created, what would be found is not known, and nothing is looked for.
   */
  dependsOn?: pulumi.Input<pulumi.Input<pulumi.Resource>[]> | pulumi.Input<pulumi.Resource>;
}

/** Where to look, and how. */
export interface Place {
  readonly asked: Asked;
  readonly organizationId: string;
  /** What is added to the parameters of every call. */
  readonly expand: { expand?: readonly Expand[] };
}

/** One kind of lookup. */
export interface Lookup<Args, Result> {
  /** The function that a program calls. */
  readonly name: string;
  readonly rules: Rules;
  /** @throws {ResourceError} where what is asked for is not there, or not the only one */
  find(args: Args, place: Place): Promise<Result>;
}

const optionRules = {
  organizationId: {
    ...commonRules.organizationId,
    required: missingOrganization("option"),
  },
  permissions: { schema: booleanSchema },
} satisfies Rules;

/**
 * Looks something up, now.
 *
 * @param secret whether an argument is, so that no error may tell them
 * @throws {pulumi.RunError} for whatever goes wrong: Pulumi prints the message of one, and no stack
 */
export async function lookUp<Args extends object, Result>(
  { name, rules, find }: Lookup<Args, Result>,
  args: Args = {} as Args,
  options: LookupOptions = {},
  secret = false,
): Promise<Result> {
  // As Pulumi's own functions do: without it, a program that is run by the Automation API could be over before the answer.
  const done = pulumi.runtime.rpcKeepAlive();
  try {
    requireObject("arguments", args);
    requireObject("options", options);
    refuseOutputs(name, { ...args, ...options });
    const asked = askedByProgram();
    const argument = checkInputs(rules, args as Record<string, unknown>, undefined, "argument");
    const option = checkInputs(optionRules, { ...options }, asked.organizationId, "option");
    const failures = [...argument.failures, ...option.failures];
    if (failures.length > 0) throw new ResourceError(failures.join("\n"));
    const { organizationId, permissions } = option.inputs as {
      organizationId: string;
      permissions?: boolean;
    };
    const expand = permissions ? { expand: ["permissions" as const] } : {};
    return await find(argument.inputs as Args, { asked, organizationId, expand });
  } catch (error) {
    throw told(name, error, secret ? Object.values({ ...args, ...options }) : []);
  } finally {
    done();
  }
}

/**
 * Looks something up as soon as all arguments are known, which in a preview may be never. What is found is secret where an argument is, and
 * depends on what the arguments depend on.
 */
export function lookUpOutput<Args extends object, Result>(
  lookup: Lookup<Args, Result>,
  args: { [Key in keyof Args]: pulumi.Input<Args[Key]> } | undefined,
  options: LookupOutputOptions = {},
): pulumi.Output<Result> {
  // What is no object is left for the lookup itself to refuse.
  const { dependsOn, ...others } = options ?? {};
  const given = pulumi.output({ args, options: options && others }) as pulumi.Output<{
    args?: Args;
    options: LookupOptions;
  }>;
  return onceMade(given, dependsOn).apply(async (known) =>
    lookUp(lookup, known.args, known.options, await pulumi.isSecret(given)),
  ) as pulumi.Output<Result>;
}

function requireObject(what: string, given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new ResourceError(`${what} must be an object`);
}

function refuseOutputs(name: string, given: object): void {
  for (const [key, value] of Object.entries(given)) {
    if (!pulumi.Output.isInstance(value)) continue;
    throw new ResourceError(`${key} is an output, whose value comes later: use ${name}Output.`);
  }
}

function told(name: string, error: unknown, secrets: readonly unknown[]): unknown {
  const advised = withAdvice(error, true);
  if (!(advised instanceof ResourceError)) return error;
  const texts = secrets.filter((value) => typeof value === "string" && value !== "") as string[];
  const spelt = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]);
  const message = spelt.reduce((whole, part) => whole.replaceAll(part, "[secret]"), advised.message);
  const failure = new pulumi.RunError(`${name}: ${message}`);
  // To colour a stack that leads through @pulumi/pulumi takes Pulumi up to a minute, in some versions of Node.
  failure.stack = failure.message;
  return failure;
}
