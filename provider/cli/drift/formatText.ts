/** For a person, at a terminal. */
import { createColors } from "picocolors";
import type { Change, Drift, Finding } from "../../drift/report/finding";
import {
  byKind,
  comparison,
  MEANING,
  nameOf,
  outcome,
  placeOf,
  quoted,
  shown,
  timesOf,
  uncomparedLines,
} from "./wording";

type Colours = ReturnType<typeof createColors>;

export function asText(drift: Drift, coloured: boolean): string {
  const colours = createColors(coloured);
  const { bold, dim, green, red } = colours;
  const kinds = byKind(drift.findings).flatMap(([kind, found]) => [
    bold(`${kind} (${found.length}): ${MEANING[kind]}`),
    ...found.map((one) => lines(one, colours)),
  ]);
  const notes = uncomparedLines(drift).map((line) => `${dim("note:")} ${line}.`);
  const colour = drift.findings.length === 0 ? green : red;
  return [...kinds, ...notes, `${colour(bold(outcome(drift)))}: ${comparison(drift)}.`].join("\n\n") + "\n";
}

function lines(one: Finding, { bold, cyan, dim }: Colours): string {
  const facts = [one.id === undefined ? "" : shown(one.id), placeOf(one), timesOf(one)].filter(Boolean);
  const remedies = one.remedies.map(({ what, code }): Row => [what, code && cyan(code)]);
  return [
    `  ${one.thing} ${bold(nameOf(one))}  ${dim(facts.join("  "))}`,
    `    ${one.reason}`,
    ...aligned((one.changes ?? []).flatMap(sides)),
    ...aligned(remedies),
  ].join("\n");
}

/** What something is, and it. */
type Row = [label: string, text: string | undefined];

function sides({ property, inStack, atKeycard }: Change): Row[] {
  return [
    [`${property} in the stack`, value(inStack)],
    [`${property} at Keycard`, value(atKeycard)],
  ];
}

function value(text: string | null): string {
  return text === null ? "none" : quoted(text);
}

function aligned(rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([label, text]) => (text === undefined ? 0 : label.length)));
  return rows.map(([label, text]) =>
    text === undefined ? `      ${label}` : `      ${`${label}:`.padEnd(width + 1)}  ${text}`,
  );
}
