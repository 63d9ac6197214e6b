import type { LoggedRequest } from "pulumi-keycard/emulator";
import type { Outcome } from "../engine";

/** How often a run came to the hard cases: one that never does proves nothing. */
export class Statistics {
  private readonly counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  /** Counts what became of an `up`, by the calls that it made. */
  addUp({ steps }: Outcome, failed: boolean, calls: LoggedRequest[]): void {
    this.add("ups");
    if (failed) this.add("ups that failed");
    const lost = lostAnswers(steps, calls);
    if (lost === 0) return;
    this.add("creations without an answer", lost);
    const isFailed = steps.some(({ op, failed }) => failed && op.startsWith("create"));
    this.add(isFailed ? "ups that failed for want of such answers" : "ups that settled all of them");
  }

  toString(): string {
    const all = [...this.counts].map(([what, count]) => `${count} ${what}`);
    return all.join(", ");
  }
}

/** How many creations Keycard may have acted on without the provider knowing. */
function lostAnswers(steps: Outcome["steps"], calls: LoggedRequest[]): number {
  const creations = calls.filter(({ operation }) => operation?.startsWith("create"));
  const answered = creations.filter(({ status }) => status === 201);
  const unsure = creations.filter(({ status }) => status === null || status === 408 || status >= 500);
  const made = steps.filter(
    ({ op, type, failed }) =>
      !failed && ["create", "create-replacement"].includes(op) && type.startsWith("pulumi-nodejs"),
  );
  // Of the answers that were sent whole and not understood, nothing is in the log.
  return unsure.length + Math.max(0, answered.length - made.length);
}
