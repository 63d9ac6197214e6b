/** Runs a workflow of GitHub Actions here: its `run:` steps, in order, each job in a checkout of its own. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { fail, holds, lookupIn, resolve } from "./expressions";
import type { Ran } from "./shell";
import { bash } from "./shell";
import type { World } from "./world";

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

/** What became of a job. The code is that of the first step that failed. */
export interface JobResult extends Ran {
  result: "success" | "failure" | "skipped";
  summary: string;
  outputs: Record<string, string>;
}

const actions: Record<string, (world: World, workspace: string) => Promise<unknown>> = {
  "actions/checkout": (world, workspace) => world.checkOut(workspace),
  "actions/setup-node": async () => undefined,
  "pulumi/actions": async () => undefined,
};

export async function readWorkflow(file: string): Promise<Workflow> {
  return parse(await readFile(file, "utf8")) as Workflow;
}

/** @param github what the expression `github` holds; what every run has in it need not be given */
export async function runWorkflow(
  world: World,
  name: string,
  github: object = {},
): Promise<Record<string, JobResult>> {
  const workflow = await readWorkflow(join(world.project, ".github/workflows", `${name}.yml`));
  const done: Record<string, JobResult> = {};
  for (const [key, job] of Object.entries(workflow.jobs)) {
    const needs = job.needs === undefined ? {} : { [job.needs]: done[job.needs] };
    const { vars, secrets } = world.environment(job.environment);
    const tables = { github: { ...world.github, ...github }, needs, vars, secrets };
    const needed = Object.values(needs).every((result) => result?.result === "success");
    const runs = job.if === undefined ? needed : holds(job.if, lookupIn(tables));
    done[key] = runs
      ? await new JobRun(world, workflow, job, tables).run()
      : { result: "skipped", code: 0, log: "", summary: "", outputs: mapValues(job.outputs, () => "") };
  }
  return done;
}

class JobRun {
  private readonly steps: Record<string, { outputs: Record<string, string> }> = {};
  private code = 0;
  private log = "";

  constructor(
    private readonly world: World,
    private readonly workflow: Workflow,
    private readonly job: Job,
    private readonly tables: object,
  ) {}

  private readonly lookup = (name: string) => lookupIn({ ...this.tables, steps: this.steps })(name);

  async run(): Promise<JobResult> {
    const workspace = await this.world.newFolder();
    const files = await this.world.newFolder();
    const summary = join(files, "summary");
    await writeFile(summary, "");
    for (const step of this.job.steps) {
      if (step.if === undefined ? this.code !== 0 : !holds(step.if, this.lookup)) continue;
      if (step.uses) await this.use(step.uses, workspace);
      else await this.runStep(step, workspace, { summary, output: join(files, "output") });
    }
    const outputs = this.resolveAll(this.job.outputs);
    const result = this.code === 0 ? "success" : "failure";
    const written = this.world.publish(await readFile(summary, "utf8"));
    // What is set off by spaces alone is a command to GitHub's runner, too.
    if (/^\s*::/m.test(this.log)) fail("What a job printed is a command to the runner.");
    return { result, code: this.code, log: this.world.publish(this.log), summary: written, outputs };
  }

  private async use(uses: string, workspace: string): Promise<void> {
    const [name = ""] = uses.split("@");
    await (actions[name] ?? fail(`What does the action ${name} do?`))(this.world, workspace);
  }

  private async runStep(step: Step, cwd: string, files: { summary: string; output: string }): Promise<void> {
    await writeFile(files.output, "");
    const env = {
      ...this.world.ambient,
      GITHUB_REPOSITORY: this.world.github.repository,
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      ...this.resolveAll(this.job.env),
      ...this.resolveAll(step.env),
    };
    const withPipefail = this.workflow.defaults?.run?.shell === "bash";
    const { code, log } = await bash(String(step.run), withPipefail ? ["-eo", "pipefail"] : ["-e"], {
      cwd,
      env,
    });
    this.code ||= code;
    this.log += log;
    const outputs = (await readFile(files.output, "utf8")).trim().split("\n").filter(Boolean);
    const pairs = outputs.map((line) => /^(\w+)=(.*)$/.exec(line) ?? fail(`What does "${line}" mean?`));
    if (step.id)
      this.steps[step.id] = { outputs: Object.fromEntries(pairs.map(([, key, value]) => [key, value])) };
  }

  private resolveAll(texts: Record<string, string> | undefined): Record<string, string> {
    return mapValues(texts, (text) => resolve(text, this.lookup));
  }
}

function mapValues(
  texts: Record<string, string> = {},
  change: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
}
