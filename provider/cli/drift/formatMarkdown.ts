import { DESCRIPTIONS } from "../../drift";
import type { Change, Drift, Finding, Remedy } from "../../drift";
import { escapeInvisible } from "../../text";
import {
  byKind,
  comparedLine,
  nameOf,
  resourceOf,
  resultLine,
  timesOf,
  uncomparedLines,
  valueOf,
} from "./wording";

/** Lets a pipeline find its earlier comment, and replace it. */
const MARKER = "<!-- pulumi-keycard drift -->";

/** In characters: GitHub allows 65,536. The rest is for the lines that follow the tables. */
const MAX_LENGTH = 60_000;

/** In characters, of a line of code. */
const MAX_CODE = 1_000;

const MAX_NOTES = 10;

/** Formats a report for a comment on a pull request, with as many findings as fit. */
export function formatMarkdown(drift: Drift): string {
  const notes = uncomparedLines(drift).slice(0, MAX_NOTES);
  const parts = [
    MARKER,
    `**Keycard: ${resultLine(drift)}**`,
    "",
    code(comparedLine(drift)),
    ...(notes.length > 0 ? ["", ...notes.map((line) => `- ${code(line)}`)] : []),
  ];
  let [length, shown] = [parts.join("\n").length, 0];
  for (const [kind, found] of byKind(drift.findings)) {
    const heading = [
      "",
      `**${kind}**: ${DESCRIPTIONS[kind]}`,
      "",
      "| object | finding | remedies |",
      "| --- | --- | --- |",
    ];
    for (const [index, finding] of found.entries()) {
      const added = [...(index === 0 ? heading : []), row(finding, drift)];
      length += added.join("\n").length + 1;
      if (length > MAX_LENGTH) break;
      parts.push(...added);
      shown++;
    }
  }
  const left = drift.findings.length - shown;
  if (left > 0)
    parts.push(
      "",
      `${left} more ${left === 1 ? "finding is" : "findings are"} not shown here. \`npx pulumi-keycard drift\` shows all.`,
    );
  return `${parts.join("\n")}\n`;
}

function row(one: Finding, drift: Drift): string {
  const facts = [one.id, resourceOf(one, drift), timesOf(one)].flatMap((fact) => (fact ? [code(fact)] : []));
  const object = [`${one.thing} ${code(nameOf(one))}`, ...facts].join("<br>");
  const finding = [one.reason, ...(one.changes ?? []).map(changeText)].join("<br>");
  return `| ${object} | ${finding} | ${one.remedies.map(remedyText).join("<br>")} |`;
}

function changeText({ property, inStack, atKeycard }: Change): string {
  const value = (text: string | null) => (text === null ? valueOf(text) : code(withoutPipes(valueOf(text))));
  return `${property}: in the stack ${value(inStack)}, at Keycard ${value(atKeycard)}`;
}

function remedyText({ what, language, code: line }: Remedy): string {
  if (line === undefined) return what;
  if (line.length > MAX_CODE) return `${what}: the line is too long for this comment, see \`--format json\``;
  return `${what}: ${code(language === "typescript" ? withoutPipes(line) : line)}`;
}

/** Escapes pipes in TypeScript. They occur only in string literals, where the escape has the same meaning when it is copied. */
function withoutPipes(line: string): string {
  return line.replaceAll("|", "\\u007c");
}

/**
 * Formats text as code in a table cell, where it cannot mention anybody, link, or act as HTML. Escapes pipes, which would end the
 * cell, and backslashes before them, which would undo that escape.
 */
function code(text: string): string {
  const cell = escapeInvisible(text)
    .replace(/\\(?=\|)/g, "\\u{5c}")
    .replaceAll("|", "\\|");
  const longest = Math.max(0, ...(cell.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = /^[ `]|[ `]$/.test(cell) ? " " : "";
  return `${fence}${pad}${cell}${pad}${fence}`;
}
