import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, EngineOptions } from "./index";
import { chooseEngine, openers } from "./index";
import type { Program, Project } from "./project";
import { makeProject } from "./project";
import { Recording } from "./recording";
import { golden, transcript } from "./transcript";

type Play = (recording: Recording) => Promise<void>;

/**
 * Plays a scenario on both engines, and holds the stand-in to what the real one does, step for step. Without a real engine, what it did when it
 * was recorded takes its place; with it, the recording is held to what it does now.
 */
export function scenario(name: string, file: string, play: Play) {
  const run = async () => {
    const isReal = (await chooseEngine()) === "pulumi";
    const real = isReal ? await record(openers.pulumi, play) : undefined;
    const recorded = await golden(file, real);
    if (real !== undefined) expect(real).toBe(recorded);
    expect(await record(openers["stand-in"], play)).toBe(recorded);
  };
  test(name, run, 360_000);
}

async function record(open: (options: EngineOptions) => Promise<Engine>, play: Play): Promise<string> {
  const project = await makeProject();
  const engine = await open({ projectDir: project.folder });
  try {
    await engine.setConfig("probe:password", "hush", { secret: true });
    const recording = new Recording(engine, project);
    await play(recording);
    return transcript(recording.result);
  } finally {
    await engine.close();
    await project.remove();
  }
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
