/** Checks the JSON output of the command `drift` against the schema in the package. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import type { Ended } from "./command";

/** What the tests use of a report. */
export interface Report {
  drift: boolean;
  compared: object;
  counts: Record<string, number>;
  findings: {
    kind: string;
    thing: string;
    name: string;
    id?: string;
    lastUsedAt?: string;
    account?: { name?: string };
    declared?: { stack: string };
    remedies: { code?: string }[];
  }[];
  uncompared: object[];
}

const schema = JSON.parse(
  readFileSync(path.join(__dirname, "../../docs/drift.schema.json"), "utf8"),
) as object;

/** The schema without the additional properties that it allows for later versions. */
const closed = JSON.parse(
  JSON.stringify(schema, (_key, value: unknown) =>
    typeof value === "object" && value !== null && "properties" in value
      ? { ...value, additionalProperties: false }
      : value,
  ),
) as object;
const validate = new Ajv2020({ allErrors: true, validateFormats: false }).compile<Report>(closed);

/** Returns the report that the command has printed as JSON. It must conform to the schema, and to the exit code. */
export function reportIn({ stdout, stderr, code }: Ended): Report {
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Report;
  validate(report);
  expect(validate.errors).toBeNull();
  expect(code).toBe(report.findings.length > 0 ? 7 : 0);
  expect(report.drift).toBe(code === 7);
  return report;
}
