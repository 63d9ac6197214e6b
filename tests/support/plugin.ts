/** The native provider as a process of its own, called over Pulumi's protocol without an engine. */
import type { RemoteProvider } from "../engine/standIn/host";
import { Monitor } from "../engine/standIn/monitor";
import { startNative } from "../engine/standIn/nativeHost";
import { InitError } from "../engine/standIn/provider";
import type { Properties } from "../engine/values";

export { InitError };

/** Each message that the provider has shown the user, with the URN of its resource. */
interface Message {
  urn: string;
  severity: string;
  message: string;
}

interface StartOptions {
  show?: (message: Message) => void;
  executable?: string;
  env?: NodeJS.ProcessEnv;
}

/** A native provider with settings; resources are named `<type> <logical name>`. */
export class Plugin {
  private constructor(
    private readonly monitor: Monitor,
    readonly provider: RemoteProvider,
    readonly messages: Message[],
  ) {}

  /**
   * @param options.show receives each message that the provider shows the user
   * @param options.executable default: the one that `npm run build` writes
   */
  static async start(
    settings: Properties,
    { show = () => undefined, executable, env = process.env }: StartOptions = {},
  ): Promise<Plugin> {
    const messages: Message[] = [];
    const refuse = () => Promise.reject(new Error("no program runs"));
    const monitor = new Monitor({
      ...{ register: refuse, read: refuse, invoke: refuse, registerOutputs: refuse },
      log: ({ urn = "", severity, message }) => {
        messages.push({ urn, severity, message });
        show({ urn, severity, message });
      },
    });
    await monitor.listen();
    const provider = await startNative({ cwd: process.cwd(), env, engine: monitor.address }, executable);
    return new Plugin(monitor, await provider.configure(settings), messages);
  }

  async close(): Promise<void> {
    await this.provider.close();
    this.monitor.close();
  }

  async schema() {
    return JSON.parse(await this.provider.schema()) as Schema;
  }

  async checkConfig(news: Properties) {
    return described(await this.provider.checkConfig("", {}, news));
  }

  async check(name: string, news: Properties, olds: Properties = {}) {
    return described(await this.provider.check(urnOf(name), olds, news));
  }

  async diff(name: string, id: string, olds: Properties, news: Properties) {
    return this.provider.diff(urnOf(name), id, {}, olds, news);
  }

  create(name: string, inputs: Properties, preview = false) {
    return this.provider.create(urnOf(name), inputs, preview);
  }

  async read(name: string, id: string, outputs: Properties = {}) {
    return { inputs: {}, ...(await this.provider.read(urnOf(name), id, {}, outputs)) };
  }

  update(name: string, id: string, olds: Properties, news: Properties, preview = false) {
    return this.provider.update(urnOf(name), id, {}, olds, news, preview);
  }

  delete(name: string, id: string, outputs: Properties) {
    return this.provider.delete(urnOf(name), id, outputs);
  }

  async invoke(name: string, args: Properties): Promise<Properties> {
    return (await this.provider.invoke(`keycard:index:${name}`, args)).result;
  }
}

/** A schema, as far as tests read it. */
interface Schema {
  version: string;
  config: { variables: Record<string, Property> };
  provider: { inputProperties: Record<string, Property> };
  resources: Record<string, Resource>;
  functions: Record<string, { description: string; inputs: { properties: Record<string, Property> } }>;
}

interface Property {
  description: string;
  secret?: true;
}

interface Resource {
  description: string;
  inputProperties: Record<string, Property>;
  properties: Record<string, Property>;
  aliases: { type: string }[];
}

export function urnOf(name: string): string {
  const [type, logicalName] = name.split(" ");
  return `urn:pulumi:dev::project::keycard:index:${type}::${logicalName}`;
}

/** Returns failures as texts. */
function described({ inputs, failures }: Awaited<ReturnType<RemoteProvider["check"]>>) {
  return { inputs, failures: failures.map(({ property, reason }) => `${property}${reason}`) };
}
