/** Recordings as text: what the golden files hold, and what a failing comparison of two engines shows. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Entry } from "./recording";
import { isObject } from "./values";

const urnPrefix = /urn:pulumi:test::engine-program::/g;
const updating = Boolean(process.env["UPDATE_GOLDEN"]);

/**
 * Returns what each operation did, an item a line: its steps, its outputs, its diagnostics, the calls that the provider received, and of the
 * state only the resources that the operation added (`+`), changed (`~`) or removed (`-`).
 */
export function transcript(entries: readonly Entry[]): string {
  let before = new Map<string, string>();
  const lines = entries.flatMap((entry) => {
    const all = entry.resources;
    const after = new Map(all.map((resource) => [keyOf(resource, all), json(resource)]));
    const written = [...operationLines(entry), ...stateLines(before, after)];
    before = after;
    return written;
  });
  return `${lines.join("\n").replaceAll(urnPrefix, "")}\n`;
}

function operationLines({ operation, error, outcome, pending = [], calls }: Entry): string[] {
  const { steps = [], changes, outputs = {}, diagnostics = [] } = outcome ?? {};
  return [
    `# ${operation}${outcome ? "" : ", killed"}`,
    ...steps.map(({ op, urn, failed, diff }) =>
      [`step ${op} ${urn}`, failed && "failed", diff && json(diff)].filter(Boolean).join(" "),
    ),
    ...diagnostics.map((diagnostic) => item("diagnostic", diagnostic)),
    ...(error === undefined ? [] : [item("error", error)]),
    ...(changes ? [item("changes", changes)] : []),
    ...Object.entries(outputs).map(([name, output]) => item(`output ${name}`, output)),
    ...calls.map((call) => item("call", call)),
    ...pending.map((operation) => item("pending", operation)),
  ];
}

function stateLines(before: Map<string, string>, after: Map<string, string>): string[] {
  const removed = [...before.keys()].filter((key) => !after.has(key)).map((key) => `state - ${key}`);
  const written = [...after].flatMap(([key, text]) => {
    if (before.get(key) === text) return [];
    return `state ${before.has(key) ? "~" : "+"} ${text}`;
  });
  return [...removed, ...written];
}

/** While a resource is being replaced, the state holds it twice under one URN. */
function keyOf(resource: { urn: string }, all: readonly { urn: string }[]): string {
  const position = all.filter(({ urn }) => urn === resource.urn).indexOf(resource);
  return position === 0 ? resource.urn : `${resource.urn} (${position + 1})`;
}

function item(title: string, value: unknown): string {
  return `${title} ${json(value)}`;
}

/** JSON with its keys in order: each engine has its own. */
function json(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

function goldenPath(scenario: string): string {
  return join(__dirname, "golden", `${scenario}.txt`);
}

/** Returns what the real engine did, as recorded. With `UPDATE_GOLDEN` set, first records what it does now. */
export async function golden(scenario: string, real: string | undefined): Promise<string> {
  if (updating && real === undefined) throw new Error("Golden files are recorded on the real engine only.");
  if (updating && real !== undefined) await writeFile(goldenPath(scenario), real);
  return readFile(goldenPath(scenario), "utf8");
}
