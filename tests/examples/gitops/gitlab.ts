/** Runs a GitLab pipeline here: the `script:` of each job whose rules hold, each in a checkout of its own. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { holds, lookupIn } from "./expressions";
import type { Ran } from "./shell";
import { bash } from "./shell";
import type { World } from "./world";

interface Rule {
  if: string;
  when?: "always";
}

export interface GitLabJob {
  stage: string;
  rules: Rule[];
  environment: { name: string; action?: string };
  resource_group?: string;
  interruptible?: boolean;
  needs?: string[];
  variables?: Record<string, string>;
  script: string[];
  artifacts?: { when?: string; paths: string[]; access?: string; expire_in?: string };
}

export interface GitLabFile {
  workflow: { rules: Rule[] };
  stages: string[];
  default: { image: string; interruptible: boolean };
  jobs: Record<string, GitLabJob>;
}

/** How a job ended, and its artifacts. */
export interface GitLabResult extends Ran {
  artifacts: Record<string, string>;
}

export async function readGitLab(file: string): Promise<GitLabFile> {
  const { workflow, stages, default: defaults, ...jobs } = parse(await readFile(file, "utf8")) as GitLabFile;
  return { workflow, stages, default: defaults, jobs: jobs as unknown as GitLabFile["jobs"] };
}

/**
 * Runs what a pipeline with these predefined variables runs: nothing, if the rules say so. GitLab writes each into the
 * environment, and of the project's own variables those of the job's environment.
 */
export async function runPipeline(
  world: World,
  predefined: Record<string, string>,
): Promise<Record<string, GitLabResult>> {
  const { workflow, stages, jobs } = await readGitLab(join(world.project, ".gitlab-ci.yml"));
  const known = { ...world.gitlab, ...predefined };
  const lookup = (name: string) => lookupIn(known)(name.replace("$", ""));
  const ruleOf = (rules: Rule[]) => rules.find((rule) => holds(rule.if, lookup));
  if (!ruleOf(workflow.rules)) return {};

  const done: Record<string, GitLabResult> = {};
  const inOrder = Object.entries(jobs).sort(
    ([, a], [, b]) => stages.indexOf(a.stage) - stages.indexOf(b.stage),
  );
  for (const [name, job] of inOrder) {
    const rule = ruleOf(job.rules);
    const failed = Object.values(done).some(({ code }) => code !== 0);
    if (!rule || (failed && rule.when !== "always")) continue;
    done[name] = await runJob(world, job, known, job.needs?.map((need) => done[need]?.artifacts ?? {}) ?? []);
  }
  return done;
}

async function runJob(
  world: World,
  { environment, script, variables, artifacts }: GitLabJob,
  predefined: Record<string, string>,
  needed: Record<string, string>[],
): Promise<GitLabResult> {
  const cwd = await world.newFolder();
  if (variables?.["GIT_STRATEGY"] !== "none") await world.checkOut(cwd);
  for (const [path, content] of needed.flatMap(Object.entries<string>))
    await writeFile(join(cwd, path), content);
  const { vars, secrets } = world.environment(environment.name);
  const env = { ...world.ambient, ...predefined, ...vars, ...secrets, ...variables };
  const ran = await bash(script.join("\n"), ["-eo", "pipefail"], { cwd, env });
  const kept = (artifacts?.paths ?? []).filter(() => ran.code === 0 || artifacts?.when === "always");
  const contents = kept.map(
    async (path) => [path, world.publish(await readFile(join(cwd, path), "utf8"))] as const,
  );
  world.publish(ran.log);
  return { ...ran, artifacts: Object.fromEntries(await Promise.all(contents)) };
}
