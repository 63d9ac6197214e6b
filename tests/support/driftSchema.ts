/** Checks the JSON output of the command `drift` against the schema in the package. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020";

interface Report {
  version: number;
  drift: boolean;
  compared: { stacks: object[]; organizations: string[]; accounts: number; credentials: number };
  counts: Record<string, number>;
  findings: {
    kind: string;
    thing: string;
    name: string;
    id?: string;
    lastUsedAt?: string;
    account?: { id: string; name?: string };
    declared?: { stack: string; resource: string };
    changes?: object[];
    reason: string;
    remedies: { what: string; language?: string; code?: string }[];
  }[];
  hidden: number;
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

/** Returns the report if it conforms to the schema. */
export function expectValid(text: string): Report {
  const report: unknown = JSON.parse(text);
  validate(report);
  expect(validate.errors).toBeNull();
  return report as Report;
}
