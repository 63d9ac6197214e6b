import type { ServiceAccountCredential } from "../sdk";

/** Characters of a name that are shown. */
const LONGEST_NAME = 80;

/** Credentials for a person, a line each, who has to recognise them. */
export function described(credentials: readonly ServiceAccountCredential[]): string {
  return credentials.map(line).join("\n");
}

function line({ id, name, created_at, last_used_at }: ServiceAccountCredential): string {
  const used = last_used_at === undefined ? "never used" : `last used ${last_used_at}`;
  return `  ${id}, ${quoted(name)}, created ${created_at}, ${used}`;
}

/** Somebody else's text, without what a terminal would obey, or Pulumi, to which `<{%` is the beginning of a colour. */
function quoted(text: string): string {
  const [shown, more] = [text.slice(0, LONGEST_NAME), text.length > LONGEST_NAME ? "…" : ""];
  return JSON.stringify(shown.replaceAll("<{%", "<{ %") + more).replace(
    /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${Number(character.codePointAt(0)).toString(16)}}`,
  );
}
