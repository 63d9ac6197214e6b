import type { ServiceAccountCredential } from "../../sdk";
import { literal, shortened } from "../text";

/** Characters of a name that are shown. */
const LONGEST_NAME = 80;

/** All of them, a line each. */
export function described(credentials: readonly ServiceAccountCredential[]): string {
  return credentials.map((one) => `  ${lineOf(one)}`).join("\n");
}

/** A credential for a person, who has to recognise it. */
export function lineOf({ id, name, created_at, last_used_at }: ServiceAccountCredential): string {
  const used = last_used_at === undefined ? "never used" : `last used ${last_used_at}`;
  return `${id}, ${shown(name)}, created ${created_at}, ${used}`;
}

/** Somebody else's text, fit for what Pulumi prints: to Pulumi, `<{%` is the beginning of a colour. */
function shown(name: string): string {
  return literal(shortened(name, LONGEST_NAME).replaceAll("<{%", "<{ %"));
}
