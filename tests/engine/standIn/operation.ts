import type { Outcome } from "../types";
import type { StartHost } from "./host";
import { Journal, Stop } from "./journal";
import type { Requests } from "./monitor";
import { Monitor } from "./monitor";
import type { Provider } from "./provider";
import { Providers } from "./providers";
import { Snapshot } from "./snapshot";
import type { Stack } from "./stack";
import type { Resource, State } from "./state";

/** What an operation works on. */
export interface Setting {
  stack: Stack;
  state: State;
  log?: ((line: string) => void) | undefined;
  /** Starts the host of dynamic providers; by default in a new process. */
  startHost?: StartHost;
}

/** What `up`, `preview`, `refresh` and `destroy` have in common: a journal, a changing state, and providers. */
export abstract class Operation {
  readonly journal: Journal;
  readonly snapshot: Snapshot;
  protected readonly monitor: Monitor;
  protected readonly providers: Providers;

  constructor(
    protected readonly setting: Setting,
    readonly preview = false,
  ) {
    const { stack, state, log, startHost } = setting;
    this.journal = new Journal(log);
    this.snapshot = new Snapshot(state.resources, preview ? undefined : state);
    this.monitor = new Monitor(this.requests());
    this.providers = new Providers(stack, this.monitor, this.printed, startHost);
  }

  /** Does it. What users and providers do wrong is in the journal; what is thrown is a mistake of ours. */
  async run(): Promise<Outcome> {
    try {
      await this.monitor.listen();
      await this.work();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    } finally {
      await this.abort();
      if (!this.preview) await this.setting.state.archive();
    }
    return this.journal.close(this.preview);
  }

  /** Ends the processes that the operation started. */
  async abort(): Promise<void> {
    this.monitor.close();
    await this.providers.close();
  }

  protected abstract work(): Promise<void>;

  /** What programs and providers may ask of this operation. */
  protected requests(): Requests {
    const refuse = () => Promise.reject(new Error("no program runs in this operation"));
    return {
      register: refuse,
      read: refuse,
      registerOutputs: refuse,
      log: (told) => this.journal.diagnose(told),
    };
  }

  /** Takes down what a program or a provider printed. */
  protected readonly printed = (message: string): void =>
    this.journal.diagnose({ severity: "info", message });

  /** The provider of a resource, as the state knows it. */
  readonly provider = async (resource: Resource): Promise<Provider> => {
    const urn = resource.provider?.split("::").slice(0, -1).join("::") ?? "";
    const record = this.snapshot.get(urn);
    if (!record) throw new Error(`the state has no provider ${urn} for ${resource.urn}`);
    return this.providers.get(record);
  };
}

/** Waits for all, and then fails as the first one did that failed. */
export async function allSettled(work: Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
