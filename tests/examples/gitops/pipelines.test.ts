/** The pipelines of examples/gitops: their scripts run here, on one stack and one organization. */
import { runWorkflow } from "./github";
import { runPipeline } from "./gitlab";
import { PipelineFixture } from "./pipelineFixture";

let fixture: PipelineFixture;
beforeAll(async () => {
  fixture = await PipelineFixture.open();
});
afterAll(() => fixture.close());

/** Returns the two parts of the pipeline's comment, which must be the only one beside somebody else's. */
async function comment(command: "gh" | "curl"): Promise<{ preview: string; drift: string }> {
  const [theirs, ours, ...more] = await fixture.comments(command);
  expect(theirs?.body).toBe("<!-- keycard-gitops --> gotcha");
  expect(more).toEqual([]);
  const [preview = "", drift = ""] = String(ours?.body).split("\n## Drift");
  return { preview, drift };
}

/** Runs `work` with a wrong passphrase and a wrong client secret in the environment `preview`. */
async function withWrongSecrets<Result>(work: () => Promise<Result>): Promise<Result> {
  const { secrets } = fixture.environment("preview");
  const right = { ...secrets };
  secrets["PULUMI_CONFIG_PASSPHRASE"] = "no-such-passphrase";
  secrets["KEYCARD_CLIENT_SECRET"] = "no-such-secret";
  try {
    return await work();
  } finally {
    Object.assign(secrets, right);
  }
}

async function expectDeclaredState(): Promise<void> {
  expect(await fixture.deployer()).toMatchObject({ name: "deployer" });
  expect(await fixture.credentials()).toEqual(["deployer-key (1)"]);
}

const mergeRequest = {
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_MERGE_REQUEST_IID: "5",
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "42",
};
const push = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" };
const schedule = { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main" };

describe("on GitHub", () => {
  test("a push to main applies the program, and the nightly run then passes", async () => {
    expect(await runWorkflow(fixture, "main")).toMatchObject({ up: { result: "success" } });
    await expectDeclaredState();
    const { drift } = await runWorkflow(fixture, "nightly");
    expect(drift).toMatchObject({ result: "success", code: 0 });
    expect(drift?.summary).toMatch(/no drift/i);
  });

  test("a pull request gets a comment with the preview and without drift", async () => {
    fixture.branch = ["Deploys from CI", "Releases from CI"];
    const { preview, comment: job } = await runWorkflow(fixture, "pull-request");
    expect([preview?.result, job?.result]).toEqual(["success", "success"]);
    const written = await comment("gh");
    expect(written.preview).toMatch(/^ {4}.*"Deploys from CI" => "Releases from CI"/m);
    expect(written.drift).toMatch(/no drift/i);
    expect((await fixture.deployer()).description).toBe("Deploys from CI");
  });

  test("the nightly run fails on drift, and its summary shows managed and unmanaged objects", async () => {
    const description = "three lines\n::error::that command\nthe runner";
    fixture.branch = ["", ""];
    await fixture.drift({ name: "renamed by hand", description }, "made at three");
    const { drift } = await runWorkflow(fixture, "nightly");
    expect(drift).toMatchObject({ result: "failure", code: 7 });
    expect(drift?.summary).toContain("renamed by hand");
    expect(drift?.summary).toContain("made at three");
  });

  test("a pull request passes despite drift, which its comment shows", async () => {
    fixture.branch = ["Deploys from CI", "Releases from CI"];
    const { preview, comment: job } = await runWorkflow(fixture, "pull-request");
    expect([preview?.result, job?.result]).toEqual(["success", "success"]);
    const written = await comment("gh");
    expect(written.preview).toMatch(/^ {4}.*"renamed by hand" => "deployer"/m);
    expect(written.preview).toMatch(/^ {4}.*made at three/m);
    expect(written.preview).toContain("::error::that command");
    expect(written.drift).toContain("renamed by hand");
    expect(written.drift).toContain("made at three");
  });

  test("a push to main repairs drift and revokes unlisted credentials, and the nightly run then passes", async () => {
    fixture.branch = ["", ""];
    expect(await runWorkflow(fixture, "main")).toMatchObject({ up: { result: "success" } });
    await expectDeclaredState();
    expect(await runWorkflow(fixture, "nightly")).toMatchObject({ drift: { result: "success" } });
  });

  test("a pull request fails if its preview and drift report fail, and its comment says why", async () => {
    const { preview, comment: job } = await withWrongSecrets(() => runWorkflow(fixture, "pull-request"));
    expect([preview?.result, job?.result]).toEqual(["failure", "success"]);
    const written = await comment("gh");
    expect(written.preview).toMatch(/^ {4}.*incorrect passphrase/m);
    expect(written.drift).toContain("Not available: see the log of the job.");
    const { drift } = await withWrongSecrets(() => runWorkflow(fixture, "nightly"));
    expect(drift?.code).toBe(3);
  });

  test("a pull request from a fork or by Dependabot, which gets no secrets, runs nothing", async () => {
    const event = { number: "12", pull_request: { head: { repo: { full_name: "mallory/keycard" } } } };
    for (const github of [{ event }, { actor: "dependabot[bot]" }]) {
      const { preview, comment: job } = await runWorkflow(fixture, "pull-request", github);
      expect([preview?.result, job?.result]).toEqual(["skipped", "skipped"]);
    }
  });
});

describe("on GitLab", () => {
  test("a merge request passes despite drift, and each push replaces its note", async () => {
    await fixture.drift({ name: "renamed by hand" }, "made at four");
    fixture.branch = ["Deploys from CI", "Releases from CI"];
    const { preview, comment: job, ...others } = await runPipeline(fixture, mergeRequest);
    expect([preview?.code, job?.code, others]).toEqual([0, 0, {}]);
    const written = await comment("curl");
    expect(written.preview).toMatch(/^ {4}.*"Deploys from CI" => "Releases from CI"/m);
    expect(written.drift).toContain("renamed by hand");
    expect(written.drift).toContain("made at four");

    const failed = await withWrongSecrets(() => runPipeline(fixture, mergeRequest));
    expect([failed["preview"]?.code, failed["comment"]?.code]).toEqual([1, 0]);
    expect((await comment("curl")).preview).toMatch(/^ {4}.*incorrect passphrase/m);
  });

  test("the schedule fails on drift, a push to main repairs it, and the schedule then passes", async () => {
    const { drift, rotate, ...others } = await runPipeline(fixture, schedule);
    expect([drift?.code, rotate?.code, others]).toEqual([7, 0, {}]);
    expect(drift?.artifacts["drift.md"]).toContain("made at four");

    fixture.branch = ["", ""];
    const { up, ...more } = await runPipeline(fixture, push);
    expect([up?.code, more]).toEqual([0, {}]);
    await expectDeclaredState();
    const quiet = await runPipeline(fixture, schedule);
    expect(quiet["drift"]?.code).toBe(0);
    expect(quiet["drift"]?.artifacts["drift.md"]).toMatch(/no drift/i);
  });

  test("a merge request from a fork, and a branch without one, run nothing", async () => {
    const fork = { ...mergeRequest, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "43" };
    expect(await runPipeline(fixture, fork)).toEqual({});
    expect(await runPipeline(fixture, { ...push, CI_COMMIT_BRANCH: "topic" })).toEqual({});
  });
});

test("the nightly run rotates a credential that is due, and a later one revokes the previous credential", async () => {
  await fixture.advance("30d");
  const { drift, rotate } = await runWorkflow(fixture, "nightly");
  expect([drift?.result, rotate?.result]).toEqual(["success", "success"]);
  expect(await fixture.credentials()).toEqual(["deployer-key (1)", "deployer-key (2)"]);
  await fixture.advance("8d");
  expect((await runPipeline(fixture, schedule))["rotate"]?.code).toBe(0);
  expect(await fixture.credentials()).toEqual(["deployer-key (2)"]);
});
