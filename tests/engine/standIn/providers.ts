import { reveal } from "../values";
import type { Properties } from "../values";
import type { RemoteProvider } from "./host";
import type { HostedPackage, Hosts } from "./hosts";
import type { Monitor } from "./monitor";
import type { Provider } from "./provider";
import { RandomProvider } from "./random";
import type { Stack } from "./stack";
import type { Resource } from "./state";

/** A provider's resource in the state, or one that becomes it. */
type Record = Pick<Resource, "urn" | "type">;

/** The providers of one operation. */
export class Providers {
  /** By URN; all dynamic resources share a provider. */
  private readonly started = new Map<string, Promise<RemoteProvider>>();
  private readonly configured = new Map<string, Promise<RemoteProvider>>();

  constructor(
    private readonly stack: Stack,
    private readonly monitor: Monitor,
    private readonly onLine: (line: string) => void,
    private readonly hosts: Hosts,
  ) {}

  /** Starts providers early, because that takes a while: those in the state, or in an empty state the one of dynamic resources. */
  startEarly(state: readonly Resource[]): void {
    const records = state.filter(({ type }) => packageOf(type) !== undefined);
    const expected = records.length > 0 ? records : [{ urn: "", type: "pulumi:providers:pulumi-nodejs" }];
    for (const record of expected) this.start(record).catch(() => undefined);
  }

  /** Checks a provider's settings; those of packages without a process of their own are not checked. */
  async checkConfig(record: Record, olds: Properties, news: Properties) {
    if (packageOf(record.type) !== "keycard") return { inputs: news, failures: [] };
    return (await this.start(record)).checkConfig(record.urn, reveal(olds), reveal(news));
  }

  /** @param record with the provider's settings */
  async get(record: Resource): Promise<Provider> {
    if (record.type === "pulumi:providers:random") return new RandomProvider();
    return this.remote(record);
  }

  /** @param record with the provider's settings */
  remote(record: Resource): Promise<RemoteProvider> {
    const key = keyOf(record);
    const known =
      this.configured.get(key) ?? this.start(record).then((host) => host.configure(settings(record)));
    this.configured.set(key, known);
    return known;
  }

  async close(): Promise<void> {
    const closing = [...this.started.values()].map(async (starting) => {
      const host = await starting.catch(() => undefined);
      await host?.close();
    });
    await Promise.all(closing);
  }

  private async start(record: Record): Promise<RemoteProvider> {
    const name = packageOf(record.type);
    if (name === undefined) throw new Error(`the stand-in engine has no provider "${record.type}"`);
    const { folder: cwd, env } = this.stack;
    const options = { cwd, env, engine: this.monitor.address };
    const key = keyOf(record);
    const known = this.started.get(key) ?? this.hosts.start(name, options, this.onLine);
    this.started.set(key, known);
    return known;
  }
}

function packageOf(type: string): HostedPackage | undefined {
  const name = type.split(":").pop();
  return type.startsWith("pulumi:providers:") && (name === "keycard" || name === "pulumi-nodejs")
    ? name
    : undefined;
}

function keyOf({ urn, type }: Record): string {
  return packageOf(type) === "keycard" ? urn : type;
}

/** The engine marks secrets for native providers, and sends Pulumi's own host plain values. */
function settings({ type, inputs }: Resource): Properties {
  return packageOf(type) === "keycard" ? inputs : reveal(inputs);
}
