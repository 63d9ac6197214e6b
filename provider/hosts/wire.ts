/** Values as Pulumi's protocol carries them: JSON, in which a secret is an object with a signature. */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "./host";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Returns the properties of a request, with secrets unmarked; without any, an empty object. */
export function fromStruct(struct: Struct | undefined): Properties {
  return revealed(struct?.toJavaScript() ?? {}) as Properties;
}

function revealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revealed);
  const given = value as Properties;
  if (given[SIGNATURE] === SECRET) return revealed(given["value"]);
  return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, revealed(one)]));
}

/** Returns properties for a response, with those of these names as secrets. Undefined values are left out, however deep. */
export function toStruct(properties: object, secrets: readonly string[] = []): Struct {
  const defined = JSON.parse(JSON.stringify(properties)) as object;
  const given = Object.entries(defined).filter(([, value]) => value != null);
  const marked = given.map(([name, value]: [string, unknown]) => [
    name,
    secrets.includes(name) ? { [SIGNATURE]: SECRET, value } : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(marked) as Parameters<typeof Struct.fromJavaScript>[0]);
}
