import { KINDS } from "../../drift";
import type { Drift } from "../../drift";
import { escapedJson } from "../../text";

/** Increases when a field is removed or changes its meaning, not when a field is added. */
const VERSION = 1;

/** Formats a report for programs, as `docs/drift.schema.json` describes. */
export function formatJson({ compared, findings, hidden, uncompared }: Drift): string {
  const counts = Object.fromEntries(
    KINDS.map((kind) => [kind, findings.filter((one) => one.kind === kind).length]),
  );
  const report = {
    version: VERSION,
    drift: findings.length > 0,
    compared,
    counts,
    findings,
    hidden,
    uncompared,
  };
  return `${escapedJson(JSON.stringify(report, null, 2))}\n`;
}
