/** The pipelines of examples/gitops: their scripts run here, on one stack and one organization. */
import { runWorkflow } from "./github";
import { runPipeline } from "./gitlab";
import { PipelineFixture } from "./pipelineFixture";

let fixture: PipelineFixture;
beforeAll(async () => void (fixture = await PipelineFixture.open()));
afterAll(() => fixture.close());

/** Declares another description of the account, or the one that main declares. */
const declare = (description: string) => (fixture.branch = ["Deploys from CI", description]);

/** Returns the two parts of the pipeline's comment, which must be the only one beside somebody else's. */
async function comment(command: "gh" | "curl"): Promise<{ preview: string; drift: string }> {
  const [theirs, ours, ...more] = await fixture.comments(command);
  expect(theirs).toBe("<!-- keycard-gitops --> gotcha");
  expect(more).toEqual([]);
  const [preview = "", drift = ""] = String(ours).split("\n## Drift");
  return { preview, drift };
}

/** Runs `work` with a wrong passphrase and a wrong client secret in the environment `preview`. */
function withWrongSecrets<Result>(work: () => Promise<Result>): Promise<Result> {
  const { secrets } = fixture.environment("preview");
  const right = { ...secrets };
  secrets["PULUMI_CONFIG_PASSPHRASE"] = "no-such-passphrase";
  secrets["KEYCARD_CLIENT_SECRET"] = "no-such-secret";
  return work().finally(() => Object.assign(secrets, right));
}

/** Runs the workflow of a pull request, and returns the results of its jobs. */
async function pullRequest(github?: object) {
  const { preview, comment } = await runWorkflow(fixture, "pull-request", github);
  return [preview?.result, comment?.result];
}

/** Runs only the job of the nightly workflow that reports drift. */
const nightlyDrift = async () => (await runWorkflow(fixture, "nightly", {}, "drift"))["drift"];

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
    const summary = expect.stringMatching(/no drift/i) as string;
    expect(await nightlyDrift()).toMatchObject({ result: "success", code: 0, summary });
  });

  test("a pull request gets a comment with the preview and without drift", async () => {
    declare("Releases from CI");
    expect(await pullRequest()).toEqual(["success", "success"]);
    const written = await comment("gh");
    expect(written.preview).toMatch(/^ {4}.*"Deploys from CI" => "Releases from CI"/m);
    expect(written.drift).toMatch(/no drift/i);
    expect((await fixture.deployer()).description).toBe("Deploys from CI");
  });

  test("the nightly run fails on drift, its summary shows managed and unmanaged objects, and it still rotates", async () => {
    const description = "three lines\n::error::that command\nthe runner";
    declare("Deploys from CI");
    await fixture.drift({ name: "renamed by hand", description }, "made at three");
    const { drift, rotate } = await runWorkflow(fixture, "nightly");
    expect(drift).toMatchObject({ result: "failure", code: 7 });
    expect(rotate?.result).toBe("success");
    expect(drift?.summary).toContain("renamed by hand");
    expect(drift?.summary).toContain("made at three");
  });

  test("a pull request passes despite drift, which its comment shows", async () => {
    declare("Releases from CI");
    expect(await pullRequest()).toEqual(["success", "success"]);
    const written = await comment("gh");
    expect(written.preview).toMatch(/^ {4}.*"renamed by hand" => "deployer"/m);
    expect(written.preview).toMatch(/^ {4}.*made at three/m);
    expect(written.preview).toContain("::error::that command");
    expect(written.drift).toContain("renamed by hand");
    expect(written.drift).toContain("made at three");
  });

  test("a push to main repairs drift and revokes unlisted credentials, and the nightly run then passes", async () => {
    declare("Deploys from CI");
    expect(await runWorkflow(fixture, "main")).toMatchObject({ up: { result: "success" } });
    await expectDeclaredState();
    expect((await nightlyDrift())?.result).toBe("success");
  });

  test("a pull request fails if its preview and drift report fail, and its comment says why", async () => {
    expect(await withWrongSecrets(() => pullRequest())).toEqual(["failure", "success"]);
    const written = await comment("gh");
    expect(written.preview).toMatch(/^ {4}.*incorrect passphrase/m);
    expect(written.drift).toContain("Not available: see the log of the job.");
    expect((await withWrongSecrets(nightlyDrift))?.code).toBe(3);
  });

  test("a pull request from a fork or by Dependabot, which gets no secrets, runs nothing", async () => {
    const event = { number: "12", pull_request: { head: { repo: { full_name: "mallory/keycard" } } } };
    expect(await pullRequest({ event })).toEqual(["skipped", "skipped"]);
    expect(await pullRequest({ actor: "dependabot[bot]" })).toEqual(["skipped", "skipped"]);
  });
});

describe("on GitLab", () => {
  test("a merge request passes despite drift, and each push replaces its note", async () => {
    await fixture.drift({ name: "renamed by hand" }, "made at four");
    declare("Releases from CI");
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

    declare("Deploys from CI");
    const { up, ...more } = await runPipeline(fixture, push);
    expect([up?.code, more]).toEqual([0, {}]);
    await expectDeclaredState();
    const { drift: quiet } = await runPipeline(fixture, schedule, "drift");
    expect(quiet?.code).toBe(0);
    expect(quiet?.artifacts["drift.md"]).toMatch(/no drift/i);
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
