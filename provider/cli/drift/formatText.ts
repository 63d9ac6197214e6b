import { DESCRIPTIONS } from "../../drift";
import type { Change, Drift, Finding } from "../../drift";
import { createColors } from "../../thirdParty";
import {
  byKind,
  comparedLine,
  nameOf,
  resourceOf,
  resultLine,
  shown,
  timesOf,
  uncomparedLines,
  valueOf,
} from "./wording";

type Colors = ReturnType<typeof createColors>;

/** Formats a report for a terminal. */
export function formatText(drift: Drift, isColored: boolean): string {
  const colors = createColors(isColored);
  const { bold, dim, green, red } = colors;
  const kinds = byKind(drift.findings).flatMap(([kind, found]) => [
    bold(`${kind} (${found.length}): ${DESCRIPTIONS[kind]}`),
    ...found.map((one) => paragraph(one, drift, colors)),
  ]);
  const notes = uncomparedLines(drift).map((line) => `${dim("note:")} ${line}.`);
  const color = drift.findings.length === 0 ? green : red;
  return (
    [...kinds, ...notes, `${color(bold(resultLine(drift)))}: ${comparedLine(drift)}.`].join("\n\n") + "\n"
  );
}

function paragraph(one: Finding, drift: Drift, { bold, cyan, dim }: Colors): string {
  const facts = [one.id === undefined ? "" : shown(one.id), resourceOf(one, drift), timesOf(one)].filter(
    Boolean,
  );
  const remedies = one.remedies.map(({ what, code }): Row => [what, code && cyan(code)]);
  return [
    `  ${one.thing} ${bold(nameOf(one))}  ${dim(facts.join("  "))}`,
    `    ${one.reason}`,
    ...aligned((one.changes ?? []).flatMap(rows)),
    ...aligned(remedies),
  ].join("\n");
}

type Row = [label: string, text: string | undefined];

function rows({ property, inStack, atKeycard }: Change): Row[] {
  return [
    [`${property} in the stack`, valueOf(inStack)],
    [`${property} at Keycard`, valueOf(atKeycard)],
  ];
}

function aligned(all: readonly Row[]): string[] {
  const width = Math.max(...all.map(([label, text]) => (text === undefined ? 0 : label.length)));
  return all.map(([label, text]) =>
    text === undefined ? `      ${label}` : `      ${`${label}:`.padEnd(width + 1)}  ${text}`,
  );
}
