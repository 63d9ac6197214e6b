import { deleteAll } from "./deletes";
import { Stop } from "./journal";
import type { Requests } from "./monitor";
import { Operation } from "./operation";
import { Registrar } from "./registrar";
import { rootType } from "./stack";
import { isSecret, reveal } from "../values";

/** The runner exits with this code when it has reported the program's error itself. */
const ERROR_REPORTED = 32;

/** Runs the program and creates, updates and deletes resources; in a preview only reports the steps. */
export class Update extends Operation {
  private readonly registrar = new Registrar(this, this.setting.stack);
  private readonly inFlight = new Set<Promise<unknown>>();
  private isRunning = false;
  private stop!: (reason: unknown) => void;
  private readonly stopped = new Promise<never>((_, reject) => (this.stop = reject));

  protected override requests(): Requests {
    return {
      register: (goal) => this.hold(() => this.registrar.register(goal)),
      read: (goal, id) => this.hold(() => this.registrar.read(goal, id)),
      invoke: (call) => this.registrar.invoke(call),
      registerOutputs: (urn, outputs) => this.hold(() => this.registrar.registerOutputs(urn, outputs)),
      log: (diagnostic) => this.journal.diagnose(diagnostic),
    };
  }

  protected async work(): Promise<void> {
    this.warn();
    await Promise.race([this.runProgram(), this.stopped]).finally(() => this.settle());
    await deleteAll(this.snapshot.leftOver, this);
    const root = this.snapshot.resources.find(({ type }) => type === rootType);
    if (!root || this.preview) return;
    for (const [key, value] of Object.entries(root.outputs)) {
      this.journal.outcome.outputs[key] = { value: reveal(value), secret: isSecret(value) };
    }
  }

  override interrupt(): void {
    super.interrupt();
    this.stopped.catch(() => undefined); // Nothing may wait for it yet.
    this.stop(new Stop());
  }

  override async abort(): Promise<void> {
    if (this.isRunning) await this.setting.program.kill();
    await super.abort();
  }

  /** Runs the program, which declares its resources. */
  protected async runProgram(): Promise<void> {
    this.providers.startEarly(this.snapshot.base);
    const options = { monitor: this.monitor.address, preview: this.preview };
    this.isRunning = true;
    const code = await this.setting.program.run(this.setting.stack, options, this.printed);
    this.isRunning = false;
    if (code === 0 || this.journal.failed) return;
    this.journal.failed = true;
    if (code === ERROR_REPORTED) throw new Stop();
    throw this.journal.stop({ message: `the program exited with code ${code}` });
  }

  /**
   * Runs a request of the program; the operation waits for it at the end. After a failure nothing else is started, and the
   * program gets no response: it is killed.
   */
  private async hold<T>(work: () => Promise<T>): Promise<T> {
    const never = new Promise<never>(() => undefined);
    if (this.journal.failed) return never;
    const working = work();
    this.inFlight.add(working);
    const result = await working
      .catch((error: unknown) => this.stop(error))
      .finally(() => this.inFlight.delete(working));
    return this.journal.failed ? never : (result as T);
  }

  private async settle() {
    while (this.inFlight.size > 0) await Promise.allSettled(this.inFlight);
  }
}
