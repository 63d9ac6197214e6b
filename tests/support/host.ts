import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "pulumi-keycard/emulator";
import type * as Host from "pulumi-keycard/host";
import { InitError } from "../engine/standIn/provider";
import { reveal } from "../engine/values";
import type { Properties } from "../engine/values";
import { Plugin, urnOf } from "./plugin";
import { isNative } from "./provider";

/** The operations of each type as Pulumi's host of dynamic providers calls them; those of the native provider in the same form. */
type Operations = typeof Host;

/** Loads the provider with these settings (keys without `keycard:`), as if a new operation had started. */
export function loadHost(settings: Record<string, string>): Operations {
  return isNative ? nativeHost(settings) : dynamicHost(settings);
}

/** Loads the provider as {@link loadHost} does, to call an emulator. */
export function hostOf(emulator: Emulator, settings: Record<string, string> = {}): Operations {
  const { endpoint, apiKey, organizationId } = emulator;
  return loadHost({ endpoint, apiKey, organizationId, ...settings });
}

/** Loads the host of dynamic providers into this process. */
function dynamicHost(settings: Record<string, string>): Operations {
  // A host is configured once. What it loads listens to the end of its process, once for each load.
  process.setMaxListeners(0);
  jest.resetModules();
  // Pulumi itself takes long to load, and stays loaded.
  jest.doMock("@pulumi/pulumi", () => pulumi);
  const host = jest.requireActual<Operations>("pulumi-keycard/host");
  host.ServiceAccount.configure({ config: { get: (name) => settings[name.replace("keycard:", "")] } });
  return host;
}

const started: Promise<Plugin>[] = [];
afterEach(async () => {
  for (const plugin of started.splice(0)) await (await plugin).close();
});

/** Starts the native provider in a process of its own. It prints its messages, as the host of dynamic providers does. */
function nativeHost(settings: Record<string, string>): Operations {
  let plugin: Promise<Plugin> | undefined;
  const start = () => {
    plugin ??= Plugin.start(settings, { show: ({ message }) => console.log(message) });
    if (!started.includes(plugin)) started.push(plugin);
    return plugin;
  };
  const types = ["ServiceAccount", "ServiceAccountCredential", "RotatingCredential", "ExclusiveCredentials"];
  return Object.fromEntries(types.map((type) => [type, operationsOf(`${type} x`, start)])) as never;
}

function operationsOf(name: string, start: () => Promise<Plugin>) {
  const call = <Result>(use: (plugin: Plugin) => Promise<Result>): Promise<Result> =>
    start()
      .then(use)
      .then(reveal, (error: unknown) => {
        if (!(error instanceof InitError)) throw error;
        const { id, outputs: properties } = error.live;
        throw Object.assign(error, { id, properties: reveal(properties) });
      });
  return {
    check: (olds: Properties, news: Properties) =>
      call(({ provider }) => provider.check(urnOf(name), olds, news)),
    diff: (id: string, olds: Properties, news: Properties) =>
      call(async (plugin) => {
        const { changes, replaces } = await plugin.diff(name, id, olds, news);
        return { changes, replaces };
      }),
    create: (inputs: Properties) =>
      call(async (plugin) => {
        const { id, outputs: outs } = await plugin.create(name, inputs);
        return { id, outs };
      }),
    read: (id: string, state: Properties) =>
      call(async (plugin) => {
        const { id: found, outputs: props, inputs } = await plugin.read(name, id, state);
        return found === "" ? {} : { id: found, props, inputs };
      }),
    update: (id: string, olds: Properties, news: Properties) =>
      call(async (plugin) => ({ outs: await plugin.update(name, id, olds, news) })),
    delete: (id: string, state: Properties) => call((plugin) => plugin.delete(name, id, state)),
  };
}
