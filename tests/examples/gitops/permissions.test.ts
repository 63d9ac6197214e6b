/** The permissions of the pipelines, and the code that they trust. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { Workflow } from "./github";
import { readPipeline } from "./gitlab";

const project = resolve(__dirname, "../../../examples/gitops");
const text = (file: string) => readFileSync(join(project, file), "utf8");
const names = readdirSync(join(project, ".github/workflows")).sort();
const workflows = names.map((name) => {
  const source = text(`.github/workflows/${name}`);
  return { ...(parse(source) as Workflow), name, source };
});
const jobs = workflows.flatMap(({ name, jobs }) =>
  Object.entries(jobs).map(([job, found]) => ({ name: `${name} ${job}`, ...found })),
);
const steps = jobs.flatMap(({ name, steps }) => steps.map((step) => ({ job: name, ...step })));

test("each action is pinned to a commit, with its version in a comment", () => {
  const uses = workflows.flatMap(({ source }) => source.split("\n").filter((line) => line.includes("uses:")));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/^ +- uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\b/);
  expect(new Set(uses.map((line) => line.trim())).size).toBe(3);
});

test("all pipelines run the same version of the Pulumi CLI", async () => {
  const others = [text(".gitlab-ci.yml"), text("operator/stack.yaml")];
  const everywhere = [...workflows.map(({ source }) => source), ...others];
  const versions = everywhere.map(
    (source) => /(?:pulumi-version: |image: pulumi\/[\w-]+:)(\d+\.\d+\.\d+)/.exec(source)?.[1],
  );
  expect(new Set(versions)).toEqual(new Set([expect.stringMatching(/^3\./)]));
});

test("each job has only the permissions that it needs", () => {
  expect(workflows.map(({ permissions }) => permissions)).toEqual([{}, {}, {}]);
  expect(Object.fromEntries(jobs.map(({ name, permissions }) => [name, permissions]))).toEqual({
    "main.yml up": { contents: "read" },
    "nightly.yml drift": { contents: "read" },
    "nightly.yml rotate": { contents: "read" },
    "pull-request.yml preview": { contents: "read" },
    "pull-request.yml comment": { "pull-requests": "write" },
  });
  for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")))
    expect(step.with).toEqual({ "persist-credentials": false });
});

test("the job that may write comments checks nothing out and has no secrets", () => {
  const comment = jobs.find(({ name }) => name === "pull-request.yml comment");
  expect(comment?.environment).toBeUndefined();
  expect(comment?.steps.map(({ uses }) => uses)).toEqual([undefined]);
  expect(JSON.stringify(comment)).not.toContain("secrets.");
});

const forDrift = ["KEYCARD_CLIENT_SECRET", "PULUMI_ACCESS_TOKEN"];
const forPulumi = [...forDrift, "PULUMI_CONFIG_PASSPHRASE"];
/** The secrets of each step that has any. */
const SECRETS: Record<string, string[]> = {
  ...{ Preview: forPulumi, Up: forPulumi, Rotate: forPulumi },
  Drift: forDrift,
};

test("only the steps that use secrets have them, and no script contains an expression", () => {
  for (const { steps, ...rest } of jobs) {
    expect(JSON.stringify(rest)).not.toContain("secrets.");
    for (const { env, ...step } of steps) {
      expect(JSON.stringify(step)).not.toContain("secrets.");
      expect(step.run ?? "").not.toContain("${{");
      const given = Object.keys(env ?? {}).filter((name) => /^(PULUMI|KEYCARD)_/.test(name));
      expect([step.name, given]).toEqual([step.name, SECRETS[String(step.name)] ?? []]);
    }
  }
});

test("a pull request runs with the rights of its branch; updates run one at a time and are never cancelled", async () => {
  const on = Object.fromEntries(workflows.map(({ name, on }) => [name, Object.keys(on)]));
  expect(on).toEqual({
    "main.yml": ["push"],
    "nightly.yml": ["schedule", "workflow_dispatch"],
    "pull-request.yml": ["pull_request"],
  });
  const [main, nightly] = workflows;
  const oneAtATime = { group: "production", "cancel-in-progress": false };
  expect(main?.concurrency).toEqual(oneAtATime);
  expect(nightly?.jobs["rotate"]?.concurrency).toEqual(oneAtATime);
  const { default: defaults, jobs } = await readPipeline(join(project, ".gitlab-ci.yml"));
  expect(defaults.interruptible).toBe(false);
  const { up, rotate, ...others } = jobs;
  for (const job of [up, rotate]) {
    expect(job).toMatchObject({ environment: { name: "production" }, resource_group: "production" });
    expect(job?.interruptible).toBeUndefined();
  }
  expect(Object.values(others).map(({ environment }) => environment)).toEqual([
    { name: "preview", action: "access" },
    { name: "comment", action: "access" },
    { name: "preview", action: "access" },
  ]);
});

interface Reference {
  type: string;
  secret?: { name: string; key: string };
}

interface Document {
  kind: string;
  spec: { envRefs: Record<string, Reference>; gitAuth: Record<string, Reference> };
}

test("the operator's Stack refers to secrets that the README creates, and contains none", () => {
  const documents = parseAllDocuments(text("operator/stack.yaml")).map((found) => found.toJS() as Document);
  expect(documents.map(({ kind }) => kind)).toEqual(["ServiceAccount", "ClusterRoleBinding", "Stack"]);
  const { spec } = documents[2] as Document;
  // Fields of the operator's definition of a Stack.
  expect(Object.keys(spec).sort()).toEqual(
    [
      ...["serviceAccountName", "stack", "useLocalStackOnly", "projectRepo", "branch", "shallow", "gitAuth"],
      ...["refresh", "continueResyncOnCommitMatch", "resyncFrequencySeconds", "envRefs", "workspaceTemplate"],
    ].sort(),
  );
  const literals = Object.entries(spec.envRefs).filter(([, { type }]) => type === "Literal");
  expect(literals.map(([name]) => name)).toEqual(["KEYCARD_ORGANIZATION_ID"]);
  const page = text("README.md");
  for (const { type, secret } of [...Object.values(spec.envRefs), ...Object.values(spec.gitAuth)]) {
    if (type === "Literal") continue;
    expect(type).toBe("Secret");
    const created = `secret generic ${secret?.name} --namespace keycard-gitops`;
    expect(page).toMatch(new RegExp(`${created}[^#]*?--from-file=${secret?.key}\\b`));
  }
});
