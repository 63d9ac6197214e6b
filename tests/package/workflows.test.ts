/** The workflows in .github: CI lints them with actionlint, too. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { scripts } from "../../package.json";
import { checkout } from "./project";

interface Workflow {
  jobs: Record<string, { steps: { run?: string; uses?: string }[] }>;
}

/** What npm does by itself. */
const OWN = ["ci", "publish"];

async function stepsOf(name: string) {
  const text = await readFile(path.join(checkout, ".github/workflows", name), "utf8");
  return Object.values((parse(text) as Workflow).jobs).flatMap(({ steps }) => steps);
}

describe.each(["ci.yml", "release.yml"])("%s", (name) => {
  test("runs only scripts that package.json has", async () => {
    const commands = (await stepsOf(name)).map(({ run }) => run ?? "").join("\n");
    const run = [...commands.matchAll(/\bnpm (?:run )?([\w:-]+)/g)].map(([, script]) => String(script));
    expect(run).toContain("test");
    expect(run.filter((script) => !OWN.includes(script) && !(script in scripts))).toEqual([]);
  });

  test("pins each action to a commit", async () => {
    const actions = (await stepsOf(name)).flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(1);
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });
});
