import type * as pulumi from "@pulumi/pulumi";
import { ResourceError } from "../errors";
import {
  booleanSchema,
  checkInputs,
  commonRules,
  missingInputs,
  missingOrganization,
} from "../resources/inputs";
import type { Rules } from "../resources/inputs";
import type { LookupContext, LookupTarget } from "./context";

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
 * @throws {ResourceError} for bad input, and if the object is missing or ambiguous
 */
export async function runLookup<Args, Result>(
  { rules, find }: Lookup<Args, Result>,
  args: object,
  options: object,
  context: LookupContext,
): Promise<Result> {
  const argument = checkInputs(rules, { ...args }, undefined, "argument");
  const option = checkInputs(optionRules, { ...options }, context.organizationId, "option");
  const failures = [...argument.failures, ...missingInputs(rules, argument.inputs), ...option.failures];
  if (failures.length > 0) throw new ResourceError(failures.join("\n"));
  const { organizationId, permissions } = option.inputs as { organizationId: string; permissions?: boolean };
  const expand = permissions ? { expand: ["permissions" as const] } : {};
  return find(argument.inputs as Args, { context, organizationId, expand });
}
