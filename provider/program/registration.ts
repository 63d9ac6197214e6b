import * as pulumi from "@pulumi/pulumi";
import { missingInputs, PREVIEW_MARKER } from "../resources/inputs";
import type { Rules } from "../resources/inputs";
import { TYPE_PREFIX } from "../resources/resourceTypes";
import type { NamedArgs } from "../resources/args";
import type { ResourceOperations } from "../resources/operations";
import type { ResourceType } from "../resources/resourceTypes";
import { SECRET_SETTINGS } from "../session/settings";

/**
 * Returns the text that Pulumi stores as `__provider` with every resource, and evaluates in its provider host. States keep it
 * for good, also when the program is deleted, so it is the same in every release, captures nothing, and only names the
 * module to load. The host runs in the folder of the program's `main`, and resolves the package from there.
 */
export function providerText(type: ResourceType): string {
  return `exports.handler=()=>require("pulumi-keycard/host").${type}`;
}

/** What a constructor needs to know of a resource. */
type Declared = Pick<ResourceOperations<never, never>, "inputRules" | "outputs" | "secrets">;

/**
 * Returns type token, name and properties for the constructor of Pulumi's resource. A function, not a base class: Pulumi records the
 * caller of the resource's own constructor as its source position, and that must be the user's line.
 *
 * @throws {pulumi.RunError} if a secret is configured in plain text, for the option `import`, or for a missing input
 */
export function registration(
  type: ResourceType,
  name: string,
  { inputRules, outputs }: Declared,
  args: pulumi.Inputs,
  opts: pulumi.CustomResourceOptions | undefined,
): [token: string, name: string, props: pulumi.Inputs] {
  refusePlainTextSecrets();
  refuseImport(name, opts);
  if (opts?.id === undefined) refuseMissingInputs(name, inputRules, args);
  const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
  const isPreview = pulumi.runtime.isDryRun() && args["adopt"] !== undefined;
  const marker = isPreview ? { [PREVIEW_MARKER]: pulumi.output(pulumi.unknown) } : {};
  return [`${TYPE_PREFIX}${type}`, name, { ...unknown, ...args, ...marker, __provider: providerText(type) }];
}

/** Returns the arguments with secret ones marked as such, even if the program gives them in plain text. */
export function withSecrets({ secrets }: Pick<Declared, "secrets">, args: pulumi.Inputs): pulumi.Inputs {
  const given = secrets.filter((property) => args[property] !== undefined);
  return {
    ...args,
    ...Object.fromEntries(given.map((property) => [property, pulumi.secret(args[property])])),
  };
}

/** Returns the arguments with the resource's name as their default name. JavaScript may pass no arguments at all. */
export function withDefaultName(args: NamedArgs | undefined, name: string): pulumi.Inputs {
  const given = args?.name ?? name;
  // Pulumi captures a stack trace for each Output, so a plain text stays one.
  return {
    ...args,
    name: typeof given === "string" ? given : pulumi.output(given).apply((text) => text ?? name),
  };
}

/** Returns the options that read an existing object. Without an ID, Pulumi would create one. */
export function getOptions(
  name: string,
  id: pulumi.Input<pulumi.ID>,
  opts: pulumi.CustomResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  if (id) return { ...opts, id };
  throw new pulumi.RunError(`${name}: get needs the ID of an existing object as its second argument.`);
}

function refuseMissingInputs(name: string, rules: Rules, args: pulumi.Inputs): void {
  const missing = missingInputs(rules, args);
  if (missing.length > 0) throw new pulumi.RunError(missing.map((one) => `${name}: ${one}`).join("\n"));
}

/** With this option Pulumi's dynamic provider host fails in its own code, with a message that helps nobody. */
function refuseImport(name: string, opts: pulumi.CustomResourceOptions | undefined): void {
  if (opts?.import === undefined) return;
  throw new pulumi.RunError(
    `${name}: Pulumi cannot import dynamic resources. To manage an existing object, remove the option import and use the input adopt. To read it without managing it, call ServiceAccount.get or ServiceAccountCredential.get.`,
  );
}

/**
 * Refuses secrets that are configured in plain text: Pulumi would keep them readable in its state and in the stack's settings file.
 *
 * @throws {pulumi.RunError} with the command that encrypts the value
 */
export function refusePlainTextSecrets(): void {
  for (const problem of plainTextSecrets()) throw new pulumi.RunError(problem);
}

/** Returns a message for each secret setting that is configured in plain text, with the command that encrypts it. */
export function plainTextSecrets(): string[] {
  const names = SECRET_SETTINGS.map((setting) => `keycard:${setting}`);
  return names
    .filter((name) => pulumi.runtime.getConfig(name) !== undefined && !isSetAsSecret(name))
    .map(
      (name) =>
        `${name} is configured in plain text. Encrypt it: \`pulumi config set --secret ${name}\` (it asks for the value). If anybody may have read it, create a new ${name === "keycard:apiKey" ? "token" : "credential"} at Keycard, and revoke the old one.`,
    );
}

/** Pulumi has this function, but its types omit it; in a version without it, values count as secret. */
function isSetAsSecret(name: string): boolean {
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (name: string) => boolean };
  return isConfigSecret?.(name) ?? true;
}
