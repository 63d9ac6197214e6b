import type { components } from "../generated/api";
import * as validators from "../generated/validators";

type Schemas = components["schemas"];

/** A shape that an answer can have. */
export type AnswerName =
  | "ServiceAccount"
  | "ServiceAccountPage"
  | "Credential"
  | "CredentialWithSecret"
  | "CredentialPage"
  | "Token";
/** An answer of that shape. */
export type Answer<Name extends AnswerName> = Schemas[Name];

type Validator = ((value: unknown) => boolean) & {
  errors?: readonly { instancePath: string; message?: string }[] | null;
};

/** The first thing that does not fit of an answer, without any of its values; `undefined` if all does. */
export function faultOf(name: AnswerName, answer: unknown): string | undefined {
  const validate: Validator = validators[name];
  if (validate(answer)) return undefined;
  const { instancePath = "", message = "is not what the API describes" } = validate.errors?.[0] ?? {};
  // Below `permissions`, even the keys are the server's.
  return `${instancePath.replace(/(\/permissions)\/.*/s, "$1") || "the body"} ${message}`;
}

/** The body as JSON, `undefined` if it is none. The parser's own message is of no use: it quotes the body. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
