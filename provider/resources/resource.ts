import * as pulumi from "@pulumi/pulumi";
import { TYPE_PREFIX } from "./resourceTypes";
import type { ResourceType } from "./resourceTypes";

/**
 * The text that Pulumi stores as `__provider` with every resource, and evaluates in its provider host. States keep it for
 * good, also when the program is gone, so it is the same in every release, captures nothing, and only names the
 * module to load. The host runs in the folder of the program's `main`; `createRequire` looks from there.
 */
export function providerText(type: ResourceType): string {
  return `exports.handler=()=>{try{return require("module").createRequire(process.cwd()+"/_")("pulumi-keycard/host").${type}}catch(e){throw/'pulumi-k/.test(e)?Error("Cannot find pulumi-keycard: run npm install pulumi-keycard in "+process.cwd()):e}}`;
}

/** What all resources share: Pulumi takes a resource with this type token and this text for a dynamic one. */
export abstract class KeycardResource extends pulumi.CustomResource {
  protected constructor(
    type: ResourceType,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions | undefined,
  ) {
    refuseSecretsInClear();
    refuseImport(name, opts);
    super(TYPE_PREFIX + type, name, { ...props, __provider: providerText(type) }, opts);
  }
}

/** The arguments with their default name: the resource's own. JavaScript may have given none at all. */
export function named(
  args: { name?: pulumi.Input<string | undefined> } | undefined,
  name: string,
): pulumi.Inputs {
  return { ...args, name: pulumi.output(args?.name).apply((given) => given ?? name) };
}

/** The options with which what exists is read. Without an ID, Pulumi would create something. */
export function reading(
  name: string,
  id: pulumi.Input<pulumi.ID>,
  opts: pulumi.CustomResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  if (id) return { ...opts, id };
  throw new pulumi.RunError(`${name}: to read what exists, get needs its ID as the second argument.`);
}

/** With this option Pulumi's dynamic provider host fails in its own code, with words that help nobody. */
function refuseImport(name: string, opts: pulumi.CustomResourceOptions | undefined): void {
  if (opts?.import === undefined) return;
  throw new pulumi.RunError(
    `${name}: Pulumi cannot import into dynamic resources, which these are. To take over what exists, use the input adopt in place of import; to read it without managing it, the function get of its class.`,
  );
}

/**
 * Pulumi keeps the stack's configuration in its state, encrypted only where it was set as a secret. A credential in
 * clear would stand there, and in the stack's settings file, for everybody who reads them.
 */
export function refuseSecretsInClear(): void {
  for (const key of ["clientSecret", "apiKey"]) {
    const name = `keycard:${key}`;
    if (pulumi.runtime.getConfig(name) === undefined || setAsSecret(name)) continue;
    throw new pulumi.RunError(
      `${name} is configured in clear. Encrypt it: \`pulumi config set --secret ${name}\` (it asks for the value), and make a new one at Keycard if the old one has been seen.`,
    );
  }
}

/** Pulumi has this function, but leaves it out of its types; a version without it is given the benefit of the doubt. */
function setAsSecret(name: string): boolean {
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (name: string) => boolean };
  return isConfigSecret?.(name) ?? true;
}
