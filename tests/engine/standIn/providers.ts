import { reveal } from "../values";
import { DynamicHost } from "./host";
import type { Monitor } from "./monitor";
import type { Provider } from "./provider";
import { RandomProvider } from "./random";
import type { Stack } from "./stack";
import type { Resource } from "./state";

/** The providers of one operation, each started when it is first needed. */
export class Providers {
  private readonly hosts = new Map<string, Promise<DynamicHost>>();

  constructor(
    private readonly stack: Stack,
    private readonly monitor: Monitor,
    private readonly onLine: (line: string) => void,
  ) {}

  /** @param record the provider as the state keeps it, with the configuration that it was given */
  async get(record: Resource): Promise<Provider> {
    const name = record.type.split(":").pop();
    if (name === "random") return new RandomProvider();
    if (name !== "pulumi-nodejs") throw new Error(`the stand-in engine has no provider "${name}"`);
    const known = this.hosts.get(record.urn);
    if (known) return known;
    const { folder: cwd, env } = this.stack;
    const options = { cwd, env, engine: this.monitor.address, config: reveal(record.inputs) };
    const host = DynamicHost.start(options, this.onLine);
    this.hosts.set(record.urn, host);
    return host;
  }

  async close(): Promise<void> {
    for (const host of this.hosts.values()) {
      const started = await host.catch(() => undefined);
      await started?.close();
    }
  }
}
