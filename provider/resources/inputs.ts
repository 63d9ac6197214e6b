import { schemas } from "../../sdk/internal";
import type { CheckResult } from "./operations";

/** The text that stands in a preview for a value that is unknown before an `up`, whatever its type. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
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

/** The rule of an input: its schema, from the API's own description, and more. */
export interface Rule {
  schema: Schema;
  /** The failure if the input is missing. Default: it is optional. */
  required?: string;
  /** The input is an ID or a label, and so becomes a part of a path. */
  names?: boolean;
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
    required: "is missing: leave it out to use the resource's own name",
  },
  description: { schema: schemas.Description as Schema },
  organizationId: {
    schema: schemas.OrganizationId as Schema,
    names: true,
    required: missingOrganization("input"),
  },
} satisfies Rules;

/** Returns the failure for a missing organization, which is an input of a resource, or an option of a lookup. */
export function missingOrganization(kind: "input" | "option"): string {
  return `is missing: run \`pulumi config set keycard:organizationId <ID or label>\`, set KEYCARD_ORGANIZATION_ID, or give the ${kind} organizationId`;
}

/** The texts of an account and of a credential. */
interface Texts {
  name: string;
  description?: string;
}

export const idSchema = schemas.Id as Schema;

/** The rule for the ID of a service account. */
export const accountIdRule = {
  schema: idSchema,
  names: true,
  required: "is missing: give the account's id, as in `account.id`",
} satisfies Rule;

export const secretSchema = schemas.SignInText as Schema;

export const booleanSchema: Schema = (value) => typeof value === "boolean";
booleanSchema.errors = [{ keyword: "type", params: { type: "boolean" } }];

/** An ID, or true or false. */
const idOrBooleanSchema: Schema = (value) => {
  const fits = typeof value === "boolean" || idSchema(value);
  idOrBooleanSchema.errors = idSchema.errors ?? [];
  return fits;
};

/** The rules of a service account's inputs. */
export const accountRules = {
  ...commonRules,
  adopt: { schema: idOrBooleanSchema, names: true },
} satisfies Rules;

/** Typing errors that no ID and no label can be: surrounding whitespace, or dots that lead to another path. */
const NO_NAME = /^\s|\s$|^\.{1,2}$/;
const NOT_AN_ID = "must be a Keycard ID or label (no surrounding whitespace, no path)";

/**
 * Checks every input against its rule. An unknown value passes, because Pulumi checks it again when it is known; a missing input
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

/** Returns the inputs that differ from the state; an empty text equals a missing one. */
export function changedInputs(rules: Rules, olds: object, news: object): string[] {
  const [before, after] = [new Map(Object.entries(olds)), new Map(Object.entries(news))];
  return Object.keys(rules).filter((key) => (before.get(key) || undefined) !== (after.get(key) || undefined));
}

/** Returns the texts as a create takes them. */
export function texts({ name, description }: Texts): Texts {
  return { name, ...(description ? { description } : {}) };
}

/** Returns the texts as an update takes them: an empty text clears a description, and is sent only if there may be one. */
export function changedTexts({ name, description }: Texts, olds: Partial<Texts>): Texts {
  return { name, ...(description || olds.description ? { description: description ?? "" } : {}) };
}

/** Returns the inputs that would create what the state describes. */
export function inputsOf<Inputs>(rules: Rules, state: object): Inputs {
  return Object.fromEntries(
    Object.entries(state).filter(([property]) => Object.hasOwn(rules, property)),
  ) as Inputs;
}

function reasons({ schema, required, names = false, list = false }: Rule, value: unknown): string[] {
  if (isUnknown(value)) return [];
  if (value === undefined) return required === undefined ? [] : [required];
  if (list) return reasonsOfItems({ schema, names }, value);
  if (names && typeof value === "string" && NO_NAME.test(value)) return [NOT_AN_ID];
  return schema(value) ? [] : (schema.errors ?? []).map((violation) => sentence(violation, value));
}

function reasonsOfItems(rule: Rule, value: unknown): string[] {
  if (!Array.isArray(value)) return [`must be a list, not ${typeName(value)}`];
  return value.flatMap((item, index) => reasons(rule, item).map((reason) => `item ${index + 1} ${reason}`));
}

function sentence({ keyword, params }: Violation, value: unknown): string {
  switch (keyword) {
    case "type":
      return `must be a ${String(params.type)}, not ${typeName(value)}`;
    case "minLength":
      return "must not be empty";
    case "maxLength":
      return `must have at most ${String(params.limit)} characters; it has ${[...String(value)].length}`;
    case "pattern":
      return NOT_AN_ID;
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
