/** The pipelines of examples/gitops do what they are for: their own lines run here, one stack and one Keycard behind all. */
import { runPipeline } from "./gitlab";
import { runWorkflow } from "./github";
import { World } from "./world";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** The one account that the program declares. */
async function deployer() {
  const accounts = await world.declared();
  return { ...accounts[0], id: String(accounts[0]?.id), count: accounts.length };
}

/** Somebody changes the account, and makes a credential for it. */
async function driftByHand(
  change: { name: string; description?: string },
  credential: string,
): Promise<void> {
  const of = { organization_id: world.emulator.organizationId };
  const { id } = await deployer();
  await world.keycard.update(id, { ...of, ...change });
  await world.keycard.credentials.create(id, { ...of, name: credential });
}

/** What the credentials of the one account are called. */
async function credentials(): Promise<string[]> {
  const of = { organization_id: world.emulator.organizationId };
  const { items } = await world.keycard.credentials.list((await deployer()).id, of);
  return items.map(({ name }) => name);
}

/** The last comment, where those before it are untouched. */
async function onlyComment(command: "gh" | "curl"): Promise<string> {
  const [theirs, ours, ...more] = await world.comments(command);
  expect(theirs?.body).toBe("<!-- keycard-gitops --> gotcha");
  expect(more).toEqual([]);
  return String(ours?.body);
}

/** Does something while the passphrase and the client secret for previews are wrong. */
async function withWrongSecrets<Result>(work: () => Promise<Result>): Promise<Result> {
  const { secrets } = world.environment("preview");
  const right = { ...secrets };
  Object.assign(secrets, {
    PULUMI_CONFIG_PASSPHRASE: "no-such-passphrase",
    KEYCARD_CLIENT_SECRET: "no-such-secret",
  });
  try {
    return await work();
  } finally {
    Object.assign(secrets, right);
  }
}

/** The two parts of a comment. */
function parts(comment: string): [preview: string, drift: string] {
  const [preview = "", drift = ""] = comment.split("\n## Drift");
  return [preview, drift];
}

const mergeRequest = {
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_MERGE_REQUEST_IID: "5",
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "42",
};
const push = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main" };
const schedule = { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main" };

describe("on GitHub", () => {
  test("main applies what is merged, and then the nightly run passes", async () => {
    const { up } = await runWorkflow(world, "main");
    expect(up).toMatchObject({ result: "success" });
    expect(await deployer()).toMatchObject({ name: "deployer", count: 1 });
    const { drift } = await runWorkflow(world, "nightly");
    expect(drift).toMatchObject({ result: "success", code: 0 });
    expect(drift?.summary).toMatch(/no drift/i);
  });

  test("a pull request gets a comment: what merging does, and that nothing has drifted", async () => {
    world.branch = ["Deploys from CI", "Releases from CI"];
    const { preview, comment } = await runWorkflow(world, "pull-request");
    expect([preview?.result, comment?.result]).toEqual(["success", "success"]);
    const [merging, drift] = parts(await onlyComment("gh"));
    expect(merging).toMatch(/^ {4}.*"Deploys from CI" => "Releases from CI"/m);
    expect(drift).toMatch(/no drift/i);
    expect((await deployer()).description).toBe("Deploys from CI");
  });

  test("the nightly run fails on drift, also on what no state knows, and says what it is", async () => {
    const description = "three lines\n::error::that command\nthe runner";
    await driftByHand({ name: "renamed by hand", description }, "made at three");
    const { drift } = await runWorkflow(world, "nightly");
    expect(drift).toMatchObject({ result: "failure", code: 7 });
    expect(drift?.summary).toContain("renamed by hand");
    expect(drift?.summary).toContain("made at three");
  });

  test("a pull request passes all the same, and the drift is told in the same comment", async () => {
    const { preview, comment } = await runWorkflow(world, "pull-request");
    expect([preview?.result, comment?.result]).toEqual(["success", "success"]);
    const [merging, drift] = parts(await onlyComment("gh"));
    expect(merging).toMatch(/^ {4}.*"renamed by hand" => "deployer"/m);
    expect(merging).toMatch(/^ {4}.*made at three/m);
    expect(merging).toContain("::error::that command");
    expect(drift).toContain("renamed by hand");
    expect(drift).toContain("made at three");
  });

  test("main repairs it and revokes what nobody declared, and the next night is quiet", async () => {
    world.branch = ["", ""];
    expect(await runWorkflow(world, "main")).toMatchObject({ up: { result: "success" } });
    expect(await deployer()).toMatchObject({ name: "deployer", count: 1 });
    expect(await credentials()).toEqual(["deployer-key"]);
    expect(await runWorkflow(world, "nightly")).toMatchObject({ drift: { result: "success" } });
  });

  test("a pull request whose preview and drift cannot be found out fails, and its comment says why", async () => {
    const { preview, comment } = await withWrongSecrets(() => runWorkflow(world, "pull-request"));
    expect([preview?.result, comment?.result]).toEqual(["failure", "success"]);
    const [told = "", drifted = ""] = parts(await onlyComment("gh"));
    expect(told).toMatch(/^ {4}.*incorrect passphrase/m);
    expect(drifted).toContain("There is none: the log of the job says why.");
    const { drift } = await withWrongSecrets(() => runWorkflow(world, "nightly"));
    expect(drift?.code).toBe(3);
  });

  test("pull requests from forks, which get no secrets, run nothing", async () => {
    const event = { number: "12", pull_request: { head: { repo: { full_name: "mallory/keycard" } } } };
    for (const github of [{ event }, { actor: "dependabot[bot]" }]) {
      const { preview, comment } = await runWorkflow(world, "pull-request", github);
      expect([preview?.result, comment?.result]).toEqual(["skipped", "skipped"]);
    }
  });
});

describe("on GitLab", () => {
  test("a merge request passes with drift, gets a note, and the next push replaces it", async () => {
    await driftByHand({ name: "renamed by hand" }, "made at four");
    world.branch = ["Deploys from CI", "Releases from CI"];
    const { preview, comment, ...others } = await runPipeline(world, mergeRequest);
    expect([preview?.code, comment?.code, others]).toEqual([0, 0, {}]);
    const [merging, drift] = parts(await onlyComment("curl"));
    expect(merging).toMatch(/^ {4}.*"Deploys from CI" => "Releases from CI"/m);
    expect(drift).toContain("renamed by hand");
    expect(drift).toContain("made at four");

    const failed = await withWrongSecrets(() => runPipeline(world, mergeRequest));
    expect(failed["preview"]?.code).toBe(1);
    expect(failed["comment"]?.code).toBe(0);
    expect(parts(await onlyComment("curl"))[0]).toMatch(/^ {4}.*incorrect passphrase/m);
  });

  test("the schedule fails on drift, main repairs it, and the schedule passes", async () => {
    const { drift, ...others } = await runPipeline(world, schedule);
    expect([drift?.code, others]).toEqual([7, {}]);
    expect(drift?.artifacts["drift.md"]).toContain("made at four");

    world.branch = ["", ""];
    const { up, ...more } = await runPipeline(world, push);
    expect([up?.code, more]).toEqual([0, {}]);
    expect(await deployer()).toMatchObject({ name: "deployer", count: 1 });
    expect(await credentials()).toEqual(["deployer-key"]);
    const quiet = await runPipeline(world, schedule);
    expect(quiet["drift"]?.code).toBe(0);
    expect(quiet["drift"]?.artifacts["drift.md"]).toMatch(/no drift/i);
  });

  test("merge requests from forks, and branches without one, run nothing", async () => {
    expect(await runPipeline(world, { ...mergeRequest, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "43" })).toEqual(
      {},
    );
    expect(await runPipeline(world, { ...push, CI_COMMIT_BRANCH: "topic" })).toEqual({});
  });
});
