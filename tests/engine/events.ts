import type { EngineEvent } from "@pulumi/pulumi/automation";

import type { Outcome, Step } from "./types";
import { inputDiff } from "./values";

type StepMetadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** Builds an {@link Outcome} from the events of the real engine. */
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

  /** The engine reports what a refresh has found only at its end. */
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
    // Paths of plugins and debug output are not for users.
    if ((severity as string) === "debug" || message.startsWith("using pulumi-resource-")) return;
    this.result.diagnostics.push({
      severity: severity === "info#err" ? "info" : severity,
      message: message.trimEnd(),
      ...(urn && { urn }),
    });
  }
}
