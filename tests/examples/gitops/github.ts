/** Runs a GitHub Actions workflow: the `run:` steps of its jobs, in order, each job in a checkout of its own. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { PipelineFixture } from "./pipelineFixture";
import { bash, evaluate, fail, resolveAll } from "./shell";
import type { ScriptResult } from "./shell";

interface Step {
  name?: string;
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  run?: string;
}

interface Job {
  needs?: string;
  if?: string;
  concurrency?: Workflow["concurrency"];
  environment?: string;
  permissions?: Record<string, string>;
  env?: Record<string, string>;
  outputs?: Record<string, string>;
  steps: Step[];
}

export interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  defaults?: { run?: { shell?: string } };
  jobs: Record<string, Job>;
}

/** The result of a job. The code is that of the first step that failed. */
interface JobResult extends ScriptResult {
  result: "success" | "failure" | "skipped";
  summary: string;
  outputs: Record<string, string>;
}

/**
 * @param github overrides values of the context `github`
 * @param only the only job to run
 */
export async function runWorkflow(
  fixture: PipelineFixture,
  name: string,
  github: object = {},
  only?: string,
): Promise<Record<string, JobResult>> {
  const file = join(fixture.project, ".github/workflows", `${name}.yml`);
  const workflow = parse(await readFile(file, "utf8")) as Workflow;
  const shell = workflow.defaults?.run?.shell === "bash" ? ["-eo", "pipefail"] : ["-e"];
  const done: Record<string, JobResult> = {};
  for (const [key, job] of Object.entries(workflow.jobs)) {
    if (only !== undefined && key !== only) continue;
    const needed = job.needs === undefined ? undefined : done[job.needs];
    const names = {
      github: { ...fixture.github, ...github },
      needs: { [String(job.needs)]: needed },
      ...fixture.environment(job.environment),
    };
    const isDue =
      job.if === undefined ? needed === undefined || needed.result === "success" : evaluate(job.if, names);
    const outputs = Object.fromEntries(Object.keys(job.outputs ?? {}).map((output) => [output, ""]));
    done[key] = isDue
      ? await runJob(fixture, job, shell, names)
      : { result: "skipped", code: 0, log: "", summary: "", outputs };
  }
  return done;
}

async function runJob(
  fixture: PipelineFixture,
  job: Job,
  shell: string[],
  context: object,
): Promise<JobResult> {
  const [cwd, files] = [await fixture.newFolder(), await fixture.newFolder()];
  const [summaryFile, outputFile] = [join(files, "summary"), join(files, "output")];
  await writeFile(summaryFile, "");
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const names = { ...context, steps };
  let [code, log] = [0, ""];
  for (const { id = "", if: condition, uses, env, run } of job.steps) {
    if (condition === undefined ? code !== 0 : !evaluate(condition, names)) continue;
    if (uses?.startsWith("actions/checkout@")) await fixture.checkOut(cwd);
    if (uses !== undefined) continue;
    await writeFile(outputFile, "");
    const ran = await bash(String(run), shell, {
      cwd,
      env: {
        ...fixture.ambient,
        GITHUB_REPOSITORY: fixture.github.repository,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        ...resolveAll(job.env, names),
        ...resolveAll(env, names),
      },
    });
    code ||= ran.code;
    log += ran.log;
    const lines = (await readFile(outputFile, "utf8")).trim().split("\n").filter(Boolean);
    const pairs = lines.map((line) => /^(\w+)=(.*)$/.exec(line)?.slice(1) ?? fail(`Not an output: ${line}`));
    steps[id] = { outputs: Object.fromEntries(pairs) as Record<string, string> };
  }
  // GitHub's runner also takes an indented line for a command.
  if (/^\s*::/m.test(log)) fail("A job printed a command to the runner.");
  const summary = fixture.publish(await readFile(summaryFile, "utf8"));
  const result = code === 0 ? "success" : "failure";
  return { result, code, log: fixture.publish(log), summary, outputs: resolveAll(job.outputs, names) };
}
