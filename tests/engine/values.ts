import { isDeepStrictEqual } from "node:util";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/**
 * A resource's inputs or outputs as Pulumi puts them on the wire: plain JSON, except that a secret is an object with the
 * {@link signature} key, and a value that a preview does not know is the string {@link unknown}.
 */
export type Properties = Record<string, unknown>;

/** Pulumi's placeholder for a value that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** A secret: with its `value` on the wire, with a `ciphertext` in a state. */
export interface Secret {
  [signature]: typeof secretSignature;
  value?: unknown;
  ciphertext?: string;
}

export function secret(content: { value: unknown } | { ciphertext: string }): Secret {
  return { [signature]: secretSignature, ...content };
}

export function isSecret(value: unknown): value is Secret {
  return isObject(value) && value[signature] === secretSignature;
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Replaces every secret in a value, however deep. */
export function mapSecrets<T>(value: T, replace: (found: Secret) => unknown): T {
  if (isSecret(value)) return replace(value) as T;
  if (Array.isArray(value)) return value.map((item) => mapSecrets(item, replace)) as T;
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapSecrets(item, replace)]),
  ) as T;
}

/** Returns the value with plain secrets, for a provider that does not accept marked ones. */
export function reveal<T>(value: T): T {
  return mapSecrets(value, (found) => reveal(found.value));
}

/** Returns true if the value contains a secret, however deep. */
export function hasSecrets(value: unknown): boolean {
  let found = false;
  mapSecrets(value, () => (found = true));
  return found;
}

/**
 * Returns the properties that differ between two sets of inputs, before and after, with masked secrets; `undefined` if none differs or
 * one set is missing.
 */
export function inputDiff(before: Properties | undefined, after: Properties | undefined) {
  if (!before || !after) return undefined;
  const [was, becomes] = [before, after].map((inputs) => mapSecrets(inputs, () => "[secret]"));
  const differing = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !isDeepStrictEqual(was?.[key], becomes?.[key]))
    .map((key): [string, [unknown, unknown]] => [key, [was?.[key], becomes?.[key]]]);
  return differing.length > 0 ? Object.fromEntries(differing) : undefined;
}

/** Properties as a message of Pulumi's protocol carries them. */
export function struct(values: Properties): Struct {
  return Struct.fromJavaScript(values as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** Properties out of a message of Pulumi's protocol. */
export function properties(values: Struct | undefined): Properties {
  return values?.toJavaScript() ?? {};
}

/**
 * Marks what a provider returned as secret where its inputs were: by name in objects, and arrays as a whole, since items may have
 * moved.
 */
export function keepSecrets(returned: Properties, given: Properties): Properties {
  const marked = Object.entries(returned).map(([key, value]): [string, unknown] => {
    const before = given[key];
    if (isSecret(value)) return [key, value];
    if (isObject(value) && isObject(before) && !isSecret(before)) return [key, keepSecrets(value, before)];
    return [key, hasSecrets(before) ? secret({ value }) : value];
  });
  return Object.fromEntries(marked);
}
