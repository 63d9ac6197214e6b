import type { components } from "./generated/api";
import * as validators from "./generated/validators";

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

/** Enough to see what is wrong. */
const MOST_FAULTS = 5;

/** What does not fit of an answer, without any of its values; `undefined` if all does. */
export function faultsOf(name: AnswerName, answer: unknown): string | undefined {
  const validate: Validator = validators[name];
  if (validate(answer)) return undefined;
  const faults = (validate.errors ?? []).map(
    // Below `permissions`, even the keys are the server's.
    ({ instancePath, message }) =>
      `${instancePath.replace(/(\/permissions)\/.*/, "$1") || "the body"} ${message}`,
  );
  return [...new Set(faults)].slice(0, MOST_FAULTS).join("; ");
}

/** The body as JSON, `undefined` if it is none. The parser's own message is of no use: it quotes the body. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
