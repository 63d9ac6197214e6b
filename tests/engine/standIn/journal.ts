import type { Diagnostic, Outcome, Step } from "../types";
import type { Properties } from "../values";
import { inputDiff } from "../values";
import { Slots } from "./slots";
import type { Resource } from "./state";

const parallelSteps = 16;

// Pulumi counts a replacement once, and reads not at all.
const uncounted = ["create-replacement", "delete-replaced", "remove-pending-replace", "read"];

/** A resource before and after a step; at least one of them. */
interface Change {
  before?: Resource | undefined;
  after?: Resource;
}

/** Ends an operation after its error has been reported. */
export class Stop extends Error {}

/** Records the steps and the diagnostics of an operation. */
export class Journal {
  readonly outcome: Outcome = { steps: [], changes: {}, outputs: {}, diagnostics: [] };
  failed = false;
  private stepFailed = false;
  private interrupted = false;
  private readonly slots = new Slots(parallelSteps);

  constructor(
    private readonly preview: boolean,
    private readonly log?: (line: string) => void,
  ) {}

  /**
   * Executes a step as soon as fewer than the maximum number are running.
   * @throws {@link Stop} if it fails, or an earlier one has failed
   */
  step<T>(op: string, resource: Change, work: (step: Step) => Promise<T>): Promise<T> {
    return this.slots.use(() => this.begin(op, resource, work));
  }

  private async begin<T>(op: string, { before, after }: Change, work: (step: Step) => Promise<T>) {
    if (this.failed) throw new Stop();
    const { urn, type } = (after ?? before) as Resource;
    const step: Step = { op, urn, type, name: urn.split("::").pop() ?? "" };
    if (!type.startsWith("pulumi:providers:")) this.outcome.steps.push(step);
    this.explain(step, before?.inputs, after?.inputs);
    try {
      const result = await work(step);
      this.count(step);
      return result;
    } catch (error) {
      this.stepFailed = true;
      if (!this.preview) step.failed = true;
      const { message } = error as Error;
      throw this.stop({ message: this.preview ? `Preview failed: ${message}` : message, urn });
    }
  }

  /** Pulumi counts explicit providers, although it shows no steps of them, and no default ones. */
  private count({ op, urn, name, type }: Step) {
    if (/::pulumi:providers:[^:]+::default/.test(urn)) return;
    this.log?.(`${op} ${name} (${type})`);
    if (uncounted.includes(op)) return;
    this.outcome.changes[op] = (this.outcome.changes[op] ?? 0) + 1;
  }

  /** Records the inputs that a step changes. */
  explain(step: Step, before: Properties | undefined, after: Properties | undefined): void {
    const diff = step.op === "same" ? undefined : inputDiff(before, after);
    if (diff) step.diff = diff;
  }

  diagnose(diagnostic: Diagnostic): void {
    this.log?.(`${diagnostic.severity}: ${diagnostic.message}`);
    this.outcome.diagnostics.push(diagnostic);
  }

  /** Reports the result as Pulumi does at the end. */
  close(): Outcome {
    if (this.stepFailed) this.stop({ message: `${this.preview ? "preview" : "update"} failed` });
    else if (this.interrupted) this.stop({ message: "update canceled" });
    return this.outcome;
  }

  /** Prevents further steps. */
  interrupt(): void {
    this.failed = true;
    this.interrupted = true;
  }

  /** Reports an error. A preview continues, to report the others, too. @throws {@link Stop} otherwise */
  refuse(error: { message: string; urn: string }): void {
    if (!this.preview) throw this.stop(error);
    this.stepFailed = true;
    this.diagnose({ severity: "error", ...error });
  }

  /** Reports an error, and returns the error to throw. */
  stop(error: { message: string; urn?: string }): Stop {
    this.failed = true;
    this.diagnose({ severity: "error", ...error });
    return new Stop(error.message);
  }
}
