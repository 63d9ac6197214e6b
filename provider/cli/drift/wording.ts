/** Wording that the formats for people share. */
import { KINDS } from "../../drift";
import type { Declaration, Drift, Finding, Kind } from "../../drift";
import { literal, escapeInvisible, shortened } from "../../text";

/** Groups findings by kind, in the order of the kinds. */
export function byKind(findings: readonly Finding[]): [Kind, Finding[]][] {
  return KINDS.map((kind): [Kind, Finding[]] => [kind, findings.filter((one) => one.kind === kind)]).filter(
    ([, found]) => found.length > 0,
  );
}

/** Returns the object's name; a credential's name follows its account's. */
export function nameOf({ name, account }: Finding): string {
  const owner = account && (account.name || account.id);
  const own = name || "(without a name)";
  return shown(owner === undefined ? own : `${owner}/${own}`);
}

/** Returns `stack <name>: <resource>`, or an empty text if there is no resource. */
export function resourceOf({ declared }: Pick<Finding, "declared">, drift: Drift): string {
  return declared === undefined ? "" : `${stackOf(declared, drift)}: ${shown(declared.resource)}`;
}

type StackNames = Pick<Declaration, "stack" | "project" | "source">;

/** Names the project, too, if there are several stacks: stacks of different projects often have one name, such as `dev`. */
function stackOf({ stack, project, source }: StackNames, { compared }: Drift): string {
  if (stack === undefined) return shown(source);
  const isQualified = compared.stacks.length > 1 && project !== undefined && !stack.includes("/");
  return shown(`stack ${isQualified ? `${project}/` : ""}${stack}`);
}

/** Returns when the object was created and, for a credential, last used. */
export function timesOf({ thing, createdAt, lastUsedAt }: Finding): string {
  if (createdAt === undefined) return "";
  const used = lastUsedAt === undefined ? "never used" : `last used ${toMinute(lastUsedAt)}`;
  return `created ${toMinute(createdAt)}${thing === "credential" ? `, ${used}` : ""}`;
}

function toMinute(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? shown(time)
    : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Returns what was compared. */
export function comparedLine(drift: Drift): string {
  const { accounts, credentials, organizations, stacks } = drift.compared;
  const names = stacks.map((stack) => stackOf(stack, drift));
  return `${count(accounts, "account")} and ${count(credentials, "credential")} of ${organizations.map(shown).join(", ")} compared with ${names.join(", ")}`;
}

/** Returns the number of findings, by kind, and of those that --only and --ignore hide. */
export function resultLine({ findings, hidden }: Drift): string {
  const others = hidden === 0 ? "" : `${count(hidden, "other finding")} hidden by --only or --ignore`;
  if (findings.length === 0) return others ? `No drift in the selection (${others})` : "No drift";
  const counts = byKind(findings).map(([kind, found]) => `${found.length} ${kind}`);
  return `${count(findings.length, "finding")} (${counts.join(", ")})${others && `, ${others}`}`;
}

export function uncomparedLines(drift: Drift): string[] {
  return drift.uncompared.map(
    ({ declared, properties }) =>
      `${resourceOf({ declared }, drift)}: the state contains these inputs only in encrypted form, so the command did not compare them: ${properties.join(", ")}`,
  );
}

/** In characters: enough to recognize a name. */
const MAX_LENGTH = 120;

/** Shortens text from Keycard or from a state, and escapes what is invisible in it. */
export function shown(text: string): string {
  return escapeInvisible(shortened(text, MAX_LENGTH));
}

/** Returns a property's value as a shortened string literal, or `none`. */
export function valueOf(text: string | null): string {
  return text === null ? "none" : literal(shortened(text, MAX_LENGTH));
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
