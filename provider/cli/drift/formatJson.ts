/** For a program: what `docs/drift.schema.json` describes. */
import { KINDS } from "../../drift/report/finding";
import type { Drift } from "../../drift/report/finding";
import { escapedJson } from "../../text";

/** Goes up when something that was there is told otherwise or no more; not when something is added. */
const VERSION = 1;

export function asJson({ compared, findings, uncompared }: Drift): string {
  const counts = Object.fromEntries(
    KINDS.map((kind) => [kind, findings.filter((one) => one.kind === kind).length]),
  );
  const report = { version: VERSION, drift: findings.length > 0, compared, counts, findings, uncompared };
  return `${escapedJson(JSON.stringify(report, null, 2))}\n`;
}
