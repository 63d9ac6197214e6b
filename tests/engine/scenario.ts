import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { golden, Recording } from "./golden";
import { openEngine } from "./index";
import type { Program, Project } from "./project";
import { makeProject } from "./project";

/** Runs a scenario, and compares what happens with what the real engine did. */
export function scenario(name: string, file: string, play: (recording: Recording) => Promise<void>) {
  const run = async () => {
    const project = await makeProject();
    const engine = await openEngine({ projectDir: project.folder });
    try {
      await engine.setConfig("probe:password", "hush", { secret: true });
      const recording = new Recording(engine, project);
      await play(recording);
      expect(recording.result).toEqual(await golden(file, recording));
    } finally {
      await engine.close();
      await project.remove();
    }
  };
  test(name, run, 180_000);
}

/** Changes what exists behind the engine's back. */
export async function change(
  project: Project,
  edit: (world: Record<string, Record<string, unknown>>) => void,
) {
  const path = join(project.folder, "world.json");
  const world = JSON.parse(await readFile(path, "utf8"));
  edit(world);
  await writeFile(path, JSON.stringify(world));
}

/** Declares probes by their labels, each with what it is given beside its label. */
export function probes(
  resources: Record<string, Record<string, unknown>>,
  more: Partial<Program> = {},
): Program {
  const entries = Object.entries(resources).map(([label, args]) => [
    label,
    { type: "Probe", args: { label, ...args } },
  ]);
  return { resources: Object.fromEntries(entries), ...more };
}
