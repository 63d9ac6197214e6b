import { isDeepStrictEqual } from "node:util";
import { schemas } from "../../sdk/internal";
import { ResourceError } from "../errors";
import { parseDuration } from "../rotation/durations";

/** Pulumi's placeholder for a value that a preview does not know yet, whatever its type. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * An input that only previews have, of a resource that adopts an object: the protocol of dynamic providers does not say whether a check
 * belongs to a preview. Its value is unknown, which `pulumi up --plan` does not compare.
 */
export const PREVIEW_MARKER = "__preview";

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** Returns true for a value that is not known yet, or is missing because the resource that provides it failed (`--continue-on-error`). */
export function isPending(value: unknown): boolean {
  return value == null || isUnknown(value);
}

export interface CheckResult {
  /** The inputs with their defaults; not to be used if there are failures. */
  inputs: Record<string, unknown>;
  /** Sentences that name an input and the rule that it breaks. None repeats a value, which may be a secret. */
  failures: string[];
}

/** One violated rule, in the words of JSON Schema. */
interface Violation {
  keyword: string;
  params: { limit?: number; type?: string };
}

interface Schema {
  (value: unknown): boolean;
  errors?: Violation[] | null;
}

/** The rule of an input: its schema, from openapi.yaml, and what the schema cannot express. */
export interface Rule {
  schema: Schema;
  /** The message if the input is missing; without one, the input is optional. */
  required?: string;
  /** The input usually comes from another resource, so that a check cannot require it: see {@link missingInputs}. */
  isOutput?: boolean;
  /** Another input that this one requires, and why. */
  requires?: readonly [input: string, reason: string];
  /** The input becomes a part of a path. */
  isId?: "a Keycard ID" | "an organization's ID or label";
  /** The input is a list, and the schema that of an item. */
  list?: boolean;
}

/** The rules of a resource's inputs, in the order of their failures. */
export type Rules = Record<string, Rule>;

export const nameSchema = schemas.Name as Schema;

/** The inputs that both resources have. */
export const commonRules = {
  name: {
    schema: nameSchema,
    required: "must not be null: leave the input out to use the resource's own name",
  },
  description: { schema: schemas.Description as Schema },
  organizationId: {
    schema: schemas.OrganizationId as Schema,
    isId: "an organization's ID or label",
    required: missingOrganization("input"),
  },
} satisfies Rules;

/** Returns the failure for a missing organization, which is an input of a resource, or an option of a lookup. */
export function missingOrganization(kind: "input" | "option"): string {
  return `is missing: run \`pulumi config set keycard:organizationId <ID or label>\`, set KEYCARD_ORGANIZATION_ID, or set the ${kind} organizationId`;
}

/** What an account and a credential have in common. */
interface NameAndDescription {
  name: string;
  description?: string;
}

export const idSchema = schemas.Id as Schema;

/** The rule for the ID of a service account. */
export const accountIdRule = {
  schema: idSchema,
  isId: "a Keycard ID",
  isOutput: true,
  required: "is missing: set it to the account's id, for example `account.id`",
} satisfies Rule;

export const secretSchema = schemas.SignInText as Schema;

export const booleanSchema: Schema = (value) => typeof value === "boolean";
booleanSchema.errors = [{ keyword: "type", params: { type: "boolean" } }];

/** A map of strings, such as `{ breach: "2026-11" }`. A value may be unknown, or missing with `--continue-on-error`. */
export const stringMapSchema: Schema = (value) => {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  const isOfStrings = isMap && Object.values(value).every((one) => one === null || typeof one === "string");
  stringMapSchema.errors = [
    isMap ? { keyword: "values", params: {} } : { keyword: "type", params: { type: "map of strings" } },
  ];
  return isOfStrings;
};

/** A duration with its unit, such as "30d". `positive` excludes zero. */
export function durationSchema(range: "positive" | "or zero"): Schema {
  const schema: Schema = (value) => {
    const keyword = typeof value === "string" ? "duration" : "type";
    schema.errors = [{ keyword, params: { type: "string" } }];
    const milliseconds = typeof value === "string" ? parseDuration(value) : undefined;
    if (milliseconds === 0 && range === "positive") schema.errors = [{ keyword: "positive", params: {} }];
    return milliseconds !== undefined && (milliseconds > 0 || range === "or zero");
  };
  return schema;
}

/** The inputs of a credential that the state holds, too. */
export const comparedCredentialRules = {
  serviceAccountId: accountIdRule,
  ...commonRules,
  rotateWhenChanged: { schema: stringMapSchema },
} satisfies Rules;

/** The rules of a credential's inputs. */
export const credentialRules = {
  ...comparedCredentialRules,
  adopt: {
    schema: idSchema,
    isId: "a Keycard ID",
    requires: ["clientSecret", "Keycard does not return the secret of an existing credential"],
  },
  clientSecret: {
    schema: secretSchema,
    requires: ["adopt", "Keycard generates the secret of a new credential"],
  },
} satisfies Rules;

/** An ID or a boolean. */
const idOrBooleanSchema: Schema = (value) => {
  const fits = typeof value === "boolean" || idSchema(value);
  const isWrongType = typeof value !== "string";
  idOrBooleanSchema.errors = isWrongType
    ? [{ keyword: "type", params: { type: "boolean or an account's ID" } }]
    : (idSchema.errors ?? []);
  return fits;
};

/** The rules of a service account's inputs. */
export const accountRules = {
  ...commonRules,
  adopt: { schema: idOrBooleanSchema, isId: "a Keycard ID" },
} satisfies Rules;

/** Typos that are never an ID or a label: surrounding whitespace, or dots that lead to another path. */
const NEVER_AN_ID = /^\s|\s$|^\.{1,2}$/;
const notAnId = (what: string) => `must be ${what} (no surrounding whitespace, no slashes)`;

/**
 * Checks every input against its rule. An unknown value passes, because Pulumi checks it again when it is known. A missing input
 * may also arrive as null; properties that begin with `__` are Pulumi's own.
 *
 * @param kind the noun for an input in failures
 */
export function checkInputs(
  rules: Rules,
  news: Record<string, unknown>,
  organizationId?: string,
  kind: "input" | "argument" | "option" = "input",
): CheckResult {
  const given = Object.entries(news).filter(
    ([property, value]) => value != null && !property.startsWith("__"),
  );
  const inputs: Record<string, unknown> = {
    ...(organizationId ? { organizationId } : {}),
    ...Object.fromEntries(given),
  };
  const wrong = Object.entries(rules).flatMap(([property, rule]) =>
    reasons(rule, inputs[property]).map((reason) => `${property} ${reason}`),
  );
  const unknown = Object.keys(inputs)
    .filter((property) => !Object.hasOwn(rules, property))
    .map((property) => `${property} is not an ${kind}; ${list(kind, Object.keys(rules))}`);
  return { inputs, failures: [...wrong, ...unknown] };
}

/**
 * Returns a failure for each missing input that {@link checkInputs} cannot require: with `--continue-on-error`, an input is missing in a
 * check if the resource that provides it failed, and a failed check would end the whole update.
 */
export function missingInputs(rules: Rules, inputs: object): string[] {
  const given = new Map(Object.entries(inputs).filter(([, value]) => value != null));
  return Object.entries(rules).flatMap(([property, { required, isOutput, requires }]) => {
    if (!given.has(property)) return isOutput ? `${property} ${required}` : [];
    const [other, reason] = requires ?? [];
    return other === undefined || given.has(other) ? [] : `${property} requires ${other}: ${reason}`;
  });
}

/** @throws {ResourceError} if a required input is missing */
export function requireInputs(rules: Rules, inputs: object): void {
  const missing = missingInputs(rules, inputs);
  if (missing.length > 0) throw new ResourceError(missing.join("\n"));
}

/** Returns true if all values of `rotateWhenChanged` are there: with `--continue-on-error` one is missing if its resource failed. */
export function isTriggerComplete(inputs: {
  rotateWhenChanged?: Record<string, string> | undefined;
}): boolean {
  return !Object.values(inputs.rotateWhenChanged ?? {}).includes(null as never);
}

/** Returns the inputs that differ from the state; an empty text equals a missing one. A missing input that is required is no difference. */
export function changedInputs(rules: Rules, olds: object, news: object): string[] {
  const [before, after] = [new Map(Object.entries(olds)), new Map(Object.entries(news))];
  const isChanged = (key: string) =>
    !isDeepStrictEqual(before.get(key) || undefined, after.get(key) || undefined);
  return Object.entries(rules).flatMap(([key, { required }]) =>
    isChanged(key) && !(required && after.get(key) == null) ? key : [],
  );
}

/** Returns name and description as parameters of a create. */
export function createParams({
  name,
  description,
}: {
  name: string;
  description?: string | undefined;
}): NameAndDescription {
  return { name, ...(description ? { description } : {}) };
}

/**
 * Returns name and description as parameters of an update. An empty description clears the one at Keycard, and is sent only if there
 * may be one.
 */
export function updateParams(
  { name, description }: NameAndDescription,
  olds: Partial<NameAndDescription>,
): NameAndDescription {
  return { name, ...(description || olds.description ? { description: description ?? "" } : {}) };
}

/** Returns the inputs that would create what the state describes. */
export function inputsOf(rules: Rules, state: object): object {
  return Object.fromEntries(Object.entries(state).filter(([property]) => Object.hasOwn(rules, property)));
}

function reasons({ schema, required, isOutput, isId, list = false }: Rule, value: unknown): string[] {
  if (value == null) return required === undefined || isOutput ? [] : [required];
  if (isUnknown(value)) return [];
  if (list) return reasonsOfItems({ schema, ...(isId && { isId }) }, value);
  if (isId && typeof value === "string" && NEVER_AN_ID.test(value)) return [notAnId(isId)];
  return schema(value) ? [] : (schema.errors ?? []).map((violation) => sentence(violation, value, isId));
}

function reasonsOfItems(rule: Rule, value: unknown): string[] {
  if (!Array.isArray(value)) return [`must be a list, not ${typeName(value)}`];
  return value.flatMap((item, index) => reasons(rule, item).map((reason) => `item ${index + 1} ${reason}`));
}

function sentence({ keyword, params }: Violation, value: unknown, isId: Rule["isId"]): string {
  switch (keyword) {
    case "type":
      return `must be a ${String(params.type)}, not ${typeName(value)}`;
    case "values":
      return "must be a map whose values are all strings";
    case "duration":
      return 'must be a number and a unit, such as "30d", "12h" or "90 minutes" (without a sign, at most 100 years, and not in months)';
    case "positive":
      return "must be longer than zero";
    case "minLength":
      return "must not be empty";
    case "maxLength":
      return `must have at most ${String(params.limit)} characters; it has ${[...String(value)].length}`;
    case "pattern":
      return isId ? notAnId(isId) : "must contain only printable ASCII characters, without line breaks";
    default:
      return `breaks the rule "${keyword}" of Keycard's API`;
  }
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function list(kind: string, words: string[]): string {
  const last = String(words.at(-1));
  if (words.length === 1) return `the only ${kind} is ${last}`;
  return `the ${kind}s are ${words.slice(0, -1).join(", ")} and ${last}`;
}
