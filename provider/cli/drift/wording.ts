/** The words that the formats for people share. */
import type { Drift, Finding, Kind } from "../../drift/report/finding";
import { KINDS } from "../../drift/report/finding";
import { literal, printable, shortened } from "../../text";

/** What each kind means. */
export const MEANING: Record<Kind, string> = {
  interrupted: "left by an interrupted update",
  missing: "in a stack, and not at Keycard",
  changed: "not as a stack has it",
  "unmanaged-account": "accounts that no stack has; `npx pulumi-keycard adopt` writes the program for all",
  "unmanaged-credential": "credentials that no stack has, of accounts that one has",
  stale: "credentials that nobody uses",
};

/** What is there of each kind, in their order. */
export function byKind(findings: readonly Finding[]): [Kind, Finding[]][] {
  return KINDS.map((kind): [Kind, Finding[]] => [kind, findings.filter((one) => one.kind === kind)]).filter(
    ([, found]) => found.length > 0,
  );
}

/** What a thing is called: a credential with its account. */
export function nameOf({ name, account }: Finding): string {
  const owner = account && (account.name || account.id);
  const own = name || "(without a name)";
  return shown(owner === undefined ? own : `${owner}/${own}`);
}

/** Where a stack has it. */
export function placeOf({ declared }: Pick<Finding, "declared">): string {
  if (declared === undefined) return "";
  const { stack, source, resource } = declared;
  return `${shown(stack === undefined ? source : `stack ${stack}`)}: ${shown(resource)}`;
}

/** When it was made, and last used. */
export function timesOf({ thing, createdAt, lastUsedAt }: Finding): string {
  if (createdAt === undefined) return "";
  const used = lastUsedAt === undefined ? "never used" : `last used ${minute(lastUsedAt)}`;
  return `made ${minute(createdAt)}${thing === "credential" ? `, ${used}` : ""}`;
}

/** A time, as exact as a person wants it. */
function minute(time: string): string {
  const known = Date.parse(time);
  return Number.isNaN(known)
    ? shown(time)
    : `${new Date(known).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What was compared with what. */
export function comparison({ compared: { accounts, credentials, organizations, stacks } }: Drift): string {
  const names = stacks.map(({ stack, source }) => shown(stack === undefined ? source : `stack ${stack}`));
  return `${count(accounts, "account")} and ${count(credentials, "credential")} of ${organizations.map(shown).join(", ")} compared with ${names.join(", ")}`;
}

/** What came of it. */
export function outcome({ findings }: Drift): string {
  if (findings.length === 0) return "No drift";
  const counts = byKind(findings).map(([kind, found]) => `${found.length} ${kind}`);
  return `${count(findings.length, "finding")} (${counts.join(", ")})`;
}

/** What could not be compared. */
export function uncomparedLines({ uncompared }: Drift): string[] {
  return uncompared.map(
    ({ declared, properties }) =>
      `${placeOf({ declared })}: not compared, because the program made it secret: ${properties.join(", ")}`,
  );
}

/** More of a name than this says no more to a person. */
const LONGEST = 120;

/** Other people's text, harmless and not too long. */
export function shown(text: string): string {
  return printable(shortened(text, LONGEST));
}

/** Text as it would stand in the program, harmless and not too long. */
export function quoted(text: string): string {
  return literal(shortened(text, LONGEST));
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
