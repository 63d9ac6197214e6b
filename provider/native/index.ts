/**
 * The resources and functions of the native provider, for programs in TypeScript and JavaScript. They have the types of the dynamic
 * resources, which are imported from `pulumi-keycard`.
 */
import * as pulumi from "@pulumi/pulumi";
import { version } from "../../sdk/internal";
import type * as dynamic from "..";
import type { GetServiceAccountResult } from "../lookups/getServiceAccounts";
import { plainTextSecrets, withSecrets } from "../program/registration";
import { exclusiveCredentials } from "../resources/exclusiveCredentials";
import type { ResourceOperations } from "../resources/operations";
import { NATIVE_PREFIX, TYPE_PREFIX } from "../resources/resourceTypes";
import type { ResourceType } from "../resources/resourceTypes";
import { rotatingCredential } from "../resources/rotatingCredential";
import { serviceAccount } from "../resources/serviceAccount";
import { serviceAccountCredential } from "../resources/serviceAccountCredential";
import { SECRET_SETTINGS } from "../session/settings";
import type { Settings } from "../session/settings";
import { warnIfNotInstalled } from "./installed";

warnIfNotInstalled();

/** The provider encrypts its settings in the state. The stack's settings file, and Pulumi's history, stay readable. */
for (const problem of plainTextSecrets()) void pulumi.log.warn(problem);

type Declared = Pick<ResourceOperations<never, never>, "outputs" | "secrets">;

/** A class of native resources with the constructor of the dynamic ones. */
function nativeClass<Class>(type: ResourceType, { outputs, secrets }: Declared): Class {
  const fixed = { version, additionalSecretOutputs: secrets };
  const aliases = [{ type: `${TYPE_PREFIX}${type}` }];
  const NativeResource = class extends pulumi.CustomResource {
    static get(
      name: string,
      id: pulumi.Input<pulumi.ID>,
      state?: object,
      opts?: pulumi.CustomResourceOptions,
    ) {
      if (id) return new NativeResource(name, state, { ...opts, id });
      throw new pulumi.RunError(`${name}: get needs the ID of an existing object as its second argument.`);
    }

    constructor(name: string, args?: object, opts?: pulumi.CustomResourceOptions) {
      const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
      // The provider completes the name.
      const inputs = { ...unknown, name: undefined, ...withSecrets({ secrets }, { ...args }) };
      // Pulumi rejects aliases of a resource that it only reads.
      const own = opts?.id === undefined ? { ...fixed, aliases } : fixed;
      super(`${NATIVE_PREFIX}${type}`, name, inputs, pulumi.mergeOptions(own, opts));
    }
  };
  return NativeResource as unknown as Class;
}

export const ServiceAccount = nativeClass<typeof dynamic.ServiceAccount>("ServiceAccount", serviceAccount);
export type ServiceAccount = dynamic.ServiceAccount;

export const ServiceAccountCredential = nativeClass<typeof dynamic.ServiceAccountCredential>(
  "ServiceAccountCredential",
  serviceAccountCredential,
);
export type ServiceAccountCredential = dynamic.ServiceAccountCredential;

export const RotatingCredential = nativeClass<typeof dynamic.RotatingCredential>(
  "RotatingCredential",
  rotatingCredential,
);
export type RotatingCredential = dynamic.RotatingCredential;

export const ExclusiveCredentials = nativeClass<typeof dynamic.ExclusiveCredentials>(
  "ExclusiveCredentials",
  exclusiveCredentials,
);
export type ExclusiveCredentials = dynamic.ExclusiveCredentials;

/** The settings of a provider; each one that is left out comes from the environment. */
export type ProviderArgs = { [Key in keyof Settings]?: pulumi.Input<string | number | undefined> };

/** A provider with settings of its own, for a second organization or endpoint. */
export class Provider extends pulumi.ProviderResource {
  /**
   * @param name the resource's logical name in Pulumi
   * @param args the provider's settings; `clientSecret` and `apiKey` are kept as secrets, even if they are given in plain text
   * @param opts Pulumi's resource options
   */
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const texts = Object.entries(args).map(([key, value]) => [
      key,
      pulumi.output(value).apply((known) => (known === undefined ? undefined : String(known))),
    ]);
    const inputs = withSecrets({ secrets: SECRET_SETTINGS }, Object.fromEntries(texts) as pulumi.Inputs);
    super("keycard", name, inputs, pulumi.mergeOptions({ version }, opts));
  }
}

/** Returns a function of the provider that takes plain arguments. */
function nativeFunction<Args, Result>(name: string) {
  return (args?: Args, options?: pulumi.InvokeOptions): Promise<Result> =>
    pulumi.runtime.invoke(`${NATIVE_PREFIX}${name}`, { ...args }, { version, ...options });
}

/** Returns a function of the provider that takes outputs. */
function nativeOutputFunction<Args, Result>(name: string) {
  return (args?: Args, options?: pulumi.InvokeOutputOptions): pulumi.Output<Result> =>
    pulumi.runtime.invokeOutput(`${NATIVE_PREFIX}${name}`, { ...args }, { version, ...options });
}

/** The options of the dynamic lookups are arguments here. */
type WithOptions<Args> = Args & dynamic.LookupOptions;
type OutputArgs<Args> = Args & {
  [Key in keyof dynamic.LookupOptions]: pulumi.Input<dynamic.LookupOptions[Key]>;
};

export const getServiceAccount = nativeFunction<
  WithOptions<dynamic.GetServiceAccountArgs>,
  GetServiceAccountResult
>("getServiceAccount");
export const getServiceAccountOutput = nativeOutputFunction<
  OutputArgs<dynamic.GetServiceAccountOutputArgs>,
  GetServiceAccountResult
>("getServiceAccount");
export const getServiceAccounts = nativeFunction<
  WithOptions<dynamic.GetServiceAccountsArgs>,
  dynamic.GetServiceAccountsResult
>("getServiceAccounts");
export const getServiceAccountsOutput = nativeOutputFunction<
  OutputArgs<dynamic.GetServiceAccountsOutputArgs>,
  dynamic.GetServiceAccountsResult
>("getServiceAccounts");
export const getServiceAccountCredentials = nativeFunction<
  WithOptions<dynamic.GetServiceAccountCredentialsArgs>,
  dynamic.GetServiceAccountCredentialsResult
>("getServiceAccountCredentials");
export const getServiceAccountCredentialsOutput = nativeOutputFunction<
  OutputArgs<dynamic.GetServiceAccountCredentialsOutputArgs>,
  dynamic.GetServiceAccountCredentialsResult
>("getServiceAccountCredentials");
