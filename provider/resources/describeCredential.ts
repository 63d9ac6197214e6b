import type { ServiceAccountCredential } from "../../sdk";
import { literal, shortened } from "../text";

/** Characters of a name that are shown. */
const MAX_NAME_LENGTH = 80;

/** Describes a credential on one line, so that a person recognizes it. */
export function describeCredential({ id, name, created_at, last_used_at }: ServiceAccountCredential): string {
  const used = last_used_at === undefined ? "never used" : `last used ${last_used_at}`;
  // Pulumi takes `<{%` for the beginning of a colour.
  const shown = literal(shortened(name, MAX_NAME_LENGTH).replaceAll("<{%", "<{ %"));
  return `${id}, ${shown}, created ${created_at}, ${used}`;
}
