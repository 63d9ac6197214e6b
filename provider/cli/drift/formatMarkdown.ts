/** For a comment on a pull request. */
import type { Change, Drift, Finding, Remedy } from "../../drift/report/finding";
import { printable } from "../../text";
import {
  byKind,
  comparison,
  MEANING,
  nameOf,
  outcome,
  placeOf,
  quoted,
  timesOf,
  uncomparedLines,
} from "./wording";

/** By this a pipeline finds its earlier comment, to put the new one in its place. */
const MARKER = "<!-- pulumi-keycard drift -->";

/** GitHub takes 65,536 characters; what is left is for the lines that are always there. */
const LONGEST = 60_000;

/** Longer ones are told elsewhere. */
const LONGEST_CODE = 1_000;

export function asMarkdown(drift: Drift): string {
  const { findings } = drift;
  const head = [MARKER, `**Keycard: ${outcome(drift)}**`, "", `${code(comparison(drift))}`];
  const notes = uncomparedLines(drift)
    .slice(0, 10)
    .map((line) => `- ${code(line)}`);
  const parts = [...head, ...(notes.length > 0 ? ["", ...notes] : [])];
  let [length, told] = [parts.join("\n").length, 0];
  for (const [kind, found] of byKind(findings)) {
    const heading = [
      "",
      `**${kind}**: ${MEANING[kind]}`,
      "",
      "| what | what is the matter | what to do |",
      "| --- | --- | --- |",
    ];
    const rows = found.map(row);
    for (const [index, line] of rows.entries()) {
      const added = index === 0 ? [...heading, line] : [line];
      length += added.join("\n").length + 1;
      if (length > LONGEST) break;
      parts.push(...added);
      told++;
    }
  }
  const left = findings.length - told;
  if (left > 0)
    parts.push(
      "",
      `${left} more ${left === 1 ? "is" : "are"} not shown here; \`npx pulumi-keycard drift\` tells all.`,
    );
  return `${parts.join("\n")}\n`;
}

function row(one: Finding): string {
  const where = [one.id, placeOf(one), timesOf(one)].flatMap((fact) => (fact ? [code(fact)] : []));
  const what = [`${one.thing} ${code(nameOf(one))}`, ...where].join("<br>");
  const matter = [one.reason, ...(one.changes ?? []).map(change)].join("<br>");
  return `| ${what} | ${matter} | ${one.remedies.map(remedy).join("<br>")} |`;
}

function change({ property, inStack, atKeycard }: Change): string {
  return `${property}: in the stack ${value(inStack)}, at Keycard ${value(atKeycard)}`;
}

function value(text: string | null): string {
  return text === null ? "none" : code(withoutPipes(quoted(text)));
}

function remedy({ what, language, code: line }: Remedy): string {
  if (line === undefined) return what;
  if (line.length > LONGEST_CODE) return `${what}: see \`--format json\`, the line is too long for here`;
  return `${what}: ${code(language === "typescript" ? withoutPipes(line) : line)}`;
}

/** Pipes stand in literals only, where they can be written so that they mean the same in a cell and when they are copied from it. */
function withoutPipes(line: string): string {
  return line.replaceAll("|", "\\u007c");
}

/**
 * Text as code in a cell of a table: there, no name calls anybody, links to anything or is HTML. Only a pipe would still end the
 * cell, and a backslash before it would let it.
 */
function code(text: string): string {
  const cell = printable(text)
    .replace(/\\(?=\|)/g, "\\u{5c}")
    .replaceAll("|", "\\|");
  const longest = Math.max(0, ...(cell.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = /^[ `]|[ `]$/.test(cell) ? " " : "";
  return `${fence}${pad}${cell}${pad}${fence}`;
}
