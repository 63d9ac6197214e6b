import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Gate } from "./gate";
import type { Engine, EngineOptions } from "./index";
import { chooseEngine, openers } from "./index";
import type { Program } from "./project";
import { makeProject } from "./project";
import { Recording } from "./recording";
import { golden, transcript } from "./transcript";

/** An operation to run, a program to declare from then on, or anything else. */
type Step = "up" | "preview" | "refresh" | "destroy" | Program | ((recording: Recording) => Promise<unknown>);

/**
 * Plays the steps on both engines, and compares them. Without a real engine, the recording of the real one takes its place; with it, the
 * recording is compared, too.
 */
export function scenario(title: string, file: string, steps: readonly Step[]): void {
  const run = async () => {
    const isReal = (await chooseEngine()) === "pulumi";
    const real = isReal ? await record(openers.pulumi, steps) : undefined;
    const recorded = await golden(file, real);
    if (real !== undefined) expect(real).toBe(recorded);
    expect(await record(openers["stand-in"], steps)).toBe(recorded);
  };
  test(title, run, 360_000);
}

/** Plays a scenario in which probes wait at a gate. */
export function scenarioWithGate(title: string, file: string, stepsFor: (gate: Gate) => Step[]): void {
  const steps = async (recording: Recording) => {
    const gate = await Gate.open();
    recording.name(gate.url, "gate");
    await play(stepsFor(gate), recording);
    gate.close();
  };
  scenario(title, file, [steps]);
}

export async function play(steps: readonly Step[], recording: Recording): Promise<void> {
  for (const step of steps) {
    if (typeof step === "string") await recording[step]();
    else if (typeof step === "function") await step(recording);
    else await recording.project.declare(step);
  }
}

async function record(
  open: (options: EngineOptions) => Promise<Engine>,
  steps: readonly Step[],
): Promise<string> {
  const project = await makeProject();
  const engine = await open({ projectDir: project.folder });
  try {
    await engine.setConfig("probe:password", "hush", { secret: true });
    const recording = new Recording(engine, project);
    await play(steps, recording);
    return transcript(recording.result);
  } finally {
    await engine.close();
    await project.remove();
  }
}

/** Returns the step that changes the probes' objects behind Pulumi's back. */
export function change(edit: (objects: Record<string, object>) => void): Step {
  return async ({ project }) => {
    const path = join(project.folder, "objects.json");
    const objects = JSON.parse(await readFile(path, "utf8")) as Record<string, object>;
    edit(objects);
    await writeFile(path, JSON.stringify(objects));
  };
}

/** Returns a program that declares probes by their labels, with their other inputs. */
export function probes(inputs: Record<string, object>, more: Partial<Program> = {}): Program {
  const resources = Object.entries(inputs).map(([label, args]) => [label, probe(label, args)]);
  return { resources: Object.fromEntries(resources), ...more };
}

/** Declares a probe. */
export function probe(label: string, args: object = {}, options: object = {}): Program["resources"][string] {
  return { type: "Probe", args: { label, ...args }, options: { ...options } };
}
