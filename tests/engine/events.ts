import type { EngineEvent } from "@pulumi/pulumi/automation";

import type { Outcome, Step } from "./types";
import { inputDiff } from "./values";

type StepMetadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** Makes an {@link Outcome} out of the events that the real engine reports. */
export class EventReader {
  private readonly result: Outcome = { steps: [], changes: {}, outputs: {}, diagnostics: [] };

  add(event: EngineEvent): void {
    if (event.resourcePreEvent) this.begin(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent) this.end(event.resOutputsEvent.metadata);
    if (event.resOpFailedEvent) this.fail(event.resOpFailedEvent.metadata);
    if (event.diagnosticEvent) this.diagnose(event.diagnosticEvent);
    if (event.summaryEvent)
      this.result.changes = event.summaryEvent.resourceChanges as Record<string, number>;
  }

  outcome(): Outcome {
    return this.result;
  }

  private begin(metadata: StepMetadata) {
    const { op, urn, type } = metadata;
    if (type.startsWith("pulumi:providers:")) return;
    const diff = op === "same" ? undefined : inputDiff(metadata.old?.inputs, metadata.new?.inputs);
    this.result.steps.push({ op, urn, type, name: urn.split("::").pop() ?? "", ...(diff && { diff }) });
  }

  /** A refresh is named after what it found only when it has ended. */
  private end(metadata: StepMetadata) {
    const refresh = this.find("refresh", metadata.urn);
    if (!refresh) return;
    refresh.op = metadata.op;
    const diff = metadata.op === "update" && inputDiff(metadata.old?.inputs, metadata.new?.inputs);
    if (diff) refresh.diff = diff;
  }

  private fail({ op, urn }: StepMetadata) {
    const step = this.find(op, urn);
    if (step) step.failed = true;
  }

  private find(op: string, urn: string): Step | undefined {
    return this.result.steps.findLast((step) => step.op === op && step.urn === urn);
  }

  private diagnose({ severity, message, urn }: NonNullable<EngineEvent["diagnosticEvent"]>) {
    // Where the CLI found a plugin is about the machine, and debug output is for the CLI's makers.
    if ((severity as string) === "debug" || message.startsWith("using pulumi-resource-")) return;
    this.result.diagnostics.push({
      severity: severity === "info#err" ? "info" : severity,
      message: message.trimEnd(),
      ...(urn && { urn }),
    });
  }
}
