import * as pulumi from "@pulumi/pulumi";
import type { Emulator } from "pulumi-keycard/emulator";
import type * as Host from "pulumi-keycard/host";

/** Loads the provider host into this process, with these settings (keys without `keycard:`), as if a new operation had started. */
export function loadHost(settings: Record<string, string>): typeof Host {
  // A host is configured once. What it loads listens to the end of its process, once for each load.
  process.setMaxListeners(0);
  jest.resetModules();
  // Pulumi itself takes long to load, and stays loaded.
  jest.doMock("@pulumi/pulumi", () => pulumi);
  const host = jest.requireActual<typeof Host>("pulumi-keycard/host");
  host.ServiceAccount.configure({ config: { get: (name) => settings[name.replace("keycard:", "")] } });
  return host;
}

/** Loads the provider host as {@link loadHost} does, to call an emulator. */
export function hostOf(emulator: Emulator, settings: Record<string, string> = {}): typeof Host {
  const { endpoint, apiKey, organizationId } = emulator;
  return loadHost({ endpoint, apiKey, organizationId, ...settings });
}
