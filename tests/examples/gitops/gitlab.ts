/** Runs a GitLab pipeline: the `script:` of each job whose rules match, each in a checkout of its own. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { PipelineFixture } from "./pipelineFixture";
import { bash, evaluate } from "./shell";
import type { ScriptResult } from "./shell";

interface Rule {
  if: string;
  when?: "always";
}

interface Job {
  stage: string;
  rules: Rule[];
  environment: { name: string; action?: string };
  resource_group?: string;
  interruptible?: boolean;
  needs?: string[];
  variables?: Record<string, string>;
  script: string[];
  artifacts?: { when?: string; paths: string[] };
}

interface Pipeline {
  workflow: { rules: Rule[] };
  stages: string[];
  default: { image: string; interruptible: boolean };
  jobs: Record<string, Job>;
}

interface JobResult extends ScriptResult {
  /** The contents of the files. */
  artifacts: Record<string, string>;
}

export async function readPipeline(file: string): Promise<Pipeline> {
  const { workflow, stages, default: defaults, ...jobs } = parse(await readFile(file, "utf8")) as Pipeline;
  return { workflow, stages, default: defaults, jobs: jobs as unknown as Pipeline["jobs"] };
}

/**
 * @param variables predefined variables of this pipeline; GitLab passes them and those of the job's environment to each job
 * @param only the only job to run
 */
export async function runPipeline(
  fixture: PipelineFixture,
  variables: Record<string, string>,
  only?: string,
): Promise<Record<string, JobResult>> {
  const { workflow, stages, jobs } = await readPipeline(join(fixture.project, ".gitlab-ci.yml"));
  const predefined = { ...fixture.gitlab, ...variables };
  const names = Object.fromEntries(Object.entries(predefined).map(([name, value]) => [`$${name}`, value]));
  const matching = (rules: Rule[]) => rules.find((rule) => evaluate(rule.if, names));
  const done: Record<string, JobResult> = {};
  if (!matching(workflow.rules)) return done;
  const ordered = Object.entries(jobs).sort(
    ([, a], [, b]) => stages.indexOf(a.stage) - stages.indexOf(b.stage),
  );
  for (const [name, job] of ordered) {
    if (only !== undefined && name !== only) continue;
    const rule = matching(job.rules);
    const hasFailed = Object.values(done).some(({ code }) => code !== 0);
    if (!rule || (hasFailed && rule.when !== "always")) continue;
    const needed = (job.needs ?? []).flatMap((need) => Object.entries(done[need]?.artifacts ?? {}));
    done[name] = await runJob(fixture, job, predefined, needed);
  }
  return done;
}

async function runJob(
  fixture: PipelineFixture,
  { environment, script, variables, artifacts }: Job,
  predefined: Record<string, string>,
  needed: [path: string, content: string][],
): Promise<JobResult> {
  const cwd = await fixture.newFolder();
  if (variables?.["GIT_STRATEGY"] !== "none") await fixture.checkOut(cwd);
  for (const [path, content] of needed) await writeFile(join(cwd, path), content);
  const { vars, secrets } = fixture.environment(environment.name);
  const env = { ...fixture.ambient, ...predefined, ...vars, ...secrets, ...variables };
  const ran = await bash(script.join("\n"), ["-eo", "pipefail"], { cwd, env });
  fixture.publish(ran.log);
  const kept = ran.code === 0 || artifacts?.when === "always" ? (artifacts?.paths ?? []) : [];
  const contents = kept.map(async (path) => [path, fixture.publish(await readFile(join(cwd, path), "utf8"))]);
  return { ...ran, artifacts: Object.fromEntries(await Promise.all(contents)) as Record<string, string> };
}
