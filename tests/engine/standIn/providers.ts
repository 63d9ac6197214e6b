import { reveal } from "../values";
import type { DynamicHost, StartHost } from "./host";
import type { Monitor } from "./monitor";
import type { Provider } from "./provider";
import { RandomProvider } from "./random";
import type { Stack } from "./stack";
import type { Resource } from "./state";

/** The providers of one operation. */
export class Providers {
  private started: Promise<DynamicHost> | undefined;
  private configured: Promise<DynamicHost> | undefined;

  constructor(
    private readonly stack: Stack,
    private readonly monitor: Monitor,
    private readonly onLine: (line: string) => void,
    private readonly startHost: StartHost,
  ) {}

  /** Starts the host of dynamic providers early, because that takes a while. */
  start(): Promise<DynamicHost> {
    const { folder: cwd, env } = this.stack;
    this.started ??= this.startHost({ cwd, env, engine: this.monitor.address }, this.onLine);
    return this.started;
  }

  /** @param record the provider's resource in the state, with its configuration */
  async get(record: Resource): Promise<Provider> {
    const name = record.type.split(":").pop();
    if (name === "random") return new RandomProvider();
    if (name !== "pulumi-nodejs") throw new Error(`the stand-in engine has no provider "${name}"`);
    this.configured ??= this.start().then((host) => host.configure(reveal(record.inputs)));
    return this.configured;
  }

  async close(): Promise<void> {
    const host = await this.started?.catch(() => undefined);
    await host?.close();
  }
}
