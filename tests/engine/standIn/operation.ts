import type { Outcome, PendingOperation } from "../types";
import type { RemoteProvider } from "./host";
import type { Hosts } from "./hosts";
import { Journal, Stop } from "./journal";
import type { Requests } from "./monitor";
import { Monitor } from "./monitor";
import type { Provider } from "./provider";
import type { ProgramRunner } from "./program";
import { Providers } from "./providers";
import { Snapshot } from "./snapshot";
import type { Stack } from "./stack";
import type { Resource, State } from "./state";

/** The stack, its state and its log. */
export interface Setting {
  stack: Stack;
  state: State;
  log?: ((line: string) => void) | undefined;
  hosts: Hosts;
  program: ProgramRunner;
}

/** The common part of `up`, `preview`, `refresh` and `destroy`: a journal, a changing state, and providers. */
export abstract class Operation {
  readonly journal: Journal;
  readonly snapshot: Snapshot;
  protected readonly monitor: Monitor;
  readonly providers: Providers;
  private killed = false;

  constructor(
    protected readonly setting: Setting,
    readonly preview = false,
  ) {
    const { stack, state, log, hosts } = setting;
    this.journal = new Journal(preview, log);
    this.snapshot = new Snapshot(state.resources, preview ? undefined : state, state.pending);
    this.monitor = new Monitor(this.requests());
    this.providers = new Providers(stack, this.monitor, this.printed, hosts);
  }

  /** Runs the operation. Errors of users and providers are recorded in the journal; a thrown error is a bug of the stand-in. */
  async run(): Promise<Outcome> {
    try {
      await this.monitor.listen();
      if (!this.journal.failed) await this.work();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    } finally {
      await this.abort();
      if (!this.preview && !this.killed) await this.setting.state.archive();
    }
    return this.journal.close();
  }

  /** Starts no further step, and lets the running ones finish. */
  interrupt(): void {
    this.journal.interrupt();
  }

  /** Ends everything at once, and leaves the state as it is. */
  async kill(): Promise<void> {
    this.killed = true;
    this.snapshot.freeze();
    this.journal.stop({ message: "the engine was killed" });
    await this.abort();
  }

  /** Ends the processes that the operation started. */
  async abort(): Promise<void> {
    this.monitor.close();
    await this.providers.close();
  }

  protected abstract work(): Promise<void>;

  /** The requests of programs and providers that this operation serves. */
  protected requests(): Requests {
    const refuse = () => Promise.reject(new Error("no program runs in this operation"));
    return {
      register: refuse,
      read: refuse,
      invoke: refuse,
      registerOutputs: refuse,
      log: (diagnostic) => this.journal.diagnose(diagnostic),
    };
  }

  /** Warns of what a killed operation left unclear, before anything is changed. */
  protected warn(): void {
    const { pending } = this.setting.state;
    if (pending.length > 0 && !this.preview)
      this.journal.diagnose({ severity: "warning", message: explain(pending) });
  }

  /** Records what a program or a provider printed. */
  protected readonly printed = (message: string): void =>
    this.journal.diagnose({ severity: "info", message });

  /** The provider of a resource, as the state knows it. */
  readonly provider = async (resource: Resource): Promise<Provider> =>
    this.providers.get(this.record(resource.provider));

  /** @param reference URN and ID of a provider with functions */
  readonly remote = (reference: string): Promise<RemoteProvider> =>
    this.providers.remote(this.record(reference));

  /** @param reference URN and ID of a provider's resource in the state */
  private record(reference = ""): Resource {
    const urn = reference.split("::").slice(0, -1).join("::");
    const record = this.snapshot.get(urn);
    if (!record) throw new Error(`the state has no provider ${urn}`);
    return record;
  }
}

/** Waits for all, and then rejects with the reason of the first that failed. */
export async function allSettled(work: Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function explain(pending: readonly PendingOperation[]): string {
  const list = pending.map(({ type, resource }) => `  * ${resource.urn}, interrupted while ${type}`);
  return `Attempting to deploy or update resources with ${pending.length} pending operations from previous deployment.
${list.join("\n")}
These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to these resources to complete. You should confirm whether or not the operations listed completed successfully by checking the state of the appropriate provider. For example, if you are using AWS, you can confirm using the AWS Console.

Once you have confirmed the status of the interrupted operations, you can repair your stack using \`pulumi refresh\` which will refresh the state from the provider you are using and clear the pending operations if there are any.

Note that \`pulumi refresh\` will need to be run interactively to clear pending CREATE operations.`;
}
