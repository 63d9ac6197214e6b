import type { LoggedRequest } from "pulumi-keycard/emulator";
import type { Outcome } from "../engine";
import { isOurToken } from "../support/provider";

/** Counts the hard cases: a run without hard cases proves nothing. */
export class Statistics {
  private readonly counts = new Map<string, number>();

  add(what: string, count = 1): void {
    if (count > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }

  /** Counts an `up` by its calls. */
  addUp({ steps }: Outcome, failed: boolean, calls: LoggedRequest[]): void {
    this.add("ups");
    if (failed) this.add("failed ups");
    const lost = lostResponses(steps, calls);
    if (lost === 0) return;
    this.add("creates with a lost response", lost);
    const isFailed = steps.some(({ op, failed }) => failed && op.startsWith("create"));
    this.add(isFailed ? "failed ups with lost responses" : "ups that resolved all of them");
  }

  toString(): string {
    const all = [...this.counts].map(([what, count]) => `${count} ${what}`);
    return all.join(", ");
  }
}

/** Counts the creates that Keycard may have executed without the provider receiving the response. */
function lostResponses(steps: Outcome["steps"], calls: LoggedRequest[]): number {
  const creations = calls.filter(({ operation }) => operation?.startsWith("create"));
  const succeeded = creations.filter(({ status }) => status === 201);
  const unsure = creations.filter(({ status }) => status === null || status === 408 || status >= 500);
  const created = steps.filter(
    ({ op, type, failed }) =>
      !failed &&
      isOurToken(type) &&
      // An update may rotate, which creates; counting each makes the number of lost responses a lower limit.
      (["create", "create-replacement"].includes(op) ||
        (op === "update" && type.endsWith(":RotatingCredential"))),
  );
  // The log does not show malformed responses.
  return unsure.length + Math.max(0, succeeded.length - created.length);
}
