/** What `pulumi-keycard drift` finds, and how it tells it. */
import { startEmulator } from "pulumi-keycard/emulator";
import type { ServiceAccount, ServiceAccountCredential } from "pulumi-keycard/sdk";
import { documented } from "../docs";
import { signsIn } from "../engine/keycard";
import { tamper } from "../provider/tamper";
import type { Proxy } from "../provider/tamper";
import { expectValid } from "./driftSchema";
import { secret, State, World } from "./driftWorld";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

/** What a state says of an account that is as it was made. */
function stated({ name, description }: ServiceAccount, changes: object = {}) {
  return { name, ...(description ? { description } : {}), organizationId: world.organizationId, ...changes };
}

function statedKey(
  { name }: ServiceAccountCredential,
  { id: serviceAccountId }: ServiceAccount,
  changes: object = {},
) {
  return { name, serviceAccountId, organizationId: world.organizationId, clientSecret: secret, ...changes };
}

/** Keycard, 100 days later. */
function future(): Promise<Proxy> {
  const date = new Date(Date.now() + 100.2 * 86_400_000).toUTCString();
  return tamper({ endpoint: world.emulator.endpoint }, async (_call, act) => ({
    ...(await act()),
    headers: { date },
  }));
}

/** The kind and the name of each finding. */
async function kinds(states: State[], ...args: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await world.drift(states, ["--format", "json", ...args]);
  expect(stderr).toBe("");
  const { findings } = expectValid(stdout);
  expect(code).toBe(findings.length > 0 ? 7 : 0);
  return findings.map(
    ({ kind, account, name }) => `${kind} ${account?.name ? `${account.name}/` : ""}${name}`,
  );
}

describe("of everything", () => {
  let state: State;
  let later: Proxy;
  beforeEach(async () => {
    const [deployer, ci] = [
      await world.account("deployer", "Deploys from my laptop"),
      await world.account("ci"),
    ];
    const key = await world.credential(deployer, "deployer-key");
    await world.credential(deployer, "made-at-3am");
    await world.account("nightly", "Runs at night");
    await world.account("reporter");
    state = new State()
      .has("ServiceAccount", "deployer", deployer.id, stated(deployer, { description: "Deploys from CI" }))
      .has("ServiceAccountCredential", "deployer-key", key.id, statedKey(key, deployer))
      .has("ServiceAccount", "ci", ci.id, stated(ci))
      .was("creating", "ServiceAccount", "reporter", {
        name: "reporter",
        organizationId: world.organizationId,
      });
    await world.keycard.delete(ci.id, { organization_id: world.organizationId });
    later = await future();
  });
  afterEach(() => later.close());

  const all = (...args: string[]) =>
    world.drift([state], ["--stale", "90d", ...args], { env: world.env(later.endpoint) });

  test("it tells a person what is the matter and what to do", async () => {
    const { stdout, stderr, code } = await all();
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    await documented("drift.md", "text", `\`\`\`text\n${world.toldInDocs(stdout)}\`\`\``);
  });

  test("it writes a comment for a pull request", async () => {
    const { stdout, stderr, code } = await all("--format", "markdown");
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    await documented("drift.md", "markdown", world.toldInDocs(stdout.trim()));
  });

  test("it tells a program, as the schema says", async () => {
    const { stdout, stderr, code } = await all("--format", "json");
    expect({ stderr, code }).toEqual({ stderr: "", code: 7 });
    const { counts, findings } = expectValid(stdout);
    expect(Object.values(counts)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(findings.map(({ kind }) => kind)).toEqual(Object.keys(counts));
    const changed = await all("--format", "json", "--only", "changed");
    await documented("drift.md", "json", `\`\`\`json\n${world.toldInDocs(changed.stdout)}\`\`\``);
  });
});

test("the README shows what a person sees of a credential that somebody made by hand", async () => {
  const account = await world.account("deployer");
  const key = await world.credential(account, "deployer-key");
  await world.credential(account, "made-at-3am");
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, stated(account))
    .has("ServiceAccountCredential", "deployer-key", key.id, statedKey(key, account));
  const { stdout } = await world.drift([state]);
  const command = "$ npx pulumi-keycard drift --stack dev";
  await documented("../README.md", "drift", `\`\`\`text\n${command}\n${world.toldInDocs(stdout)}\`\`\``);
});

test("where all is as the stacks say, there is nothing to tell", async () => {
  const account = await world.account("deployer", "Deploys from CI");
  const key = await world.credential(account, "key");
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, stated(account, { createdAt: "2020-01-01T00:00:00Z" }))
    .has("ServiceAccountCredential", "key", key.id, statedKey(key, account, { description: "" }));
  expect(await world.drift([state])).toEqual({
    stdout: "No drift: 1 account and 1 credential of acme compared with stack dev.\n",
    stderr: "",
    code: 0,
  });
  expect(await kinds([state], "--stale", "1h")).toEqual([]);
  expect((await world.drift([state], ["--format", "markdown"])).stdout).toBe(
    "<!-- pulumi-keycard drift -->\n**Keycard: No drift**\n\n`1 account and 1 credential of acme compared with stack dev`\n",
  );
});

/** The lines of a report, without what stands under each finding. */
function headlines(stdout: string): string[] {
  return stdout.split("\n").filter((line) => /^ {2,4}\S/.test(line));
}

/** What there is to do about the thing whose line begins like this. */
function under(stdout: string, beginning: string): string[] {
  const lines = stdout.split("\n");
  const [, , ...rest] = lines.slice(lines.findIndex((line) => line.startsWith(`  ${beginning}`)));
  return rest.slice(0, rest.indexOf("")).map((line) => line.trim());
}

test("a credential is stale by the server's clock, and by its last use", async () => {
  const account = await world.account("deployer");
  const used = await world.credential(account, "used");
  await world.credential(account, "unused");
  expect(
    await signsIn(world.emulator.endpoint, { clientId: used.client_id, clientSecret: used.client_secret }),
  ).toBe(true);
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, stated(account))
    .has("ServiceAccountCredential", "used", used.id, statedKey(used, account));
  const later = await future();
  const env = world.env(later.endpoint);
  const { stdout } = await world.drift([state], ["--stale", "14w", "--ignore", "unmanaged-credential"], {
    env,
  });
  // What is not to be told as unmanaged is stale all the same.
  expect(headlines(stdout)).toEqual([
    "  credential deployer/unused  <ID of unused>  made 2026-11-21 03:07 UTC, never used",
    "    It was made 100 days ago and has never been used.",
    "  credential deployer/used  <ID of used>  stack dev: used  made 2026-11-21 03:07 UTC, last used 2026-11-21 03:07 UTC",
    "    It was last used 100 days ago.",
  ]);
  expect((await world.drift([state], ["--stale", "15w", "--only", "stale"], { env })).code).toBe(0);
  later.close();
});

test("a stale credential is replaced, and revoked, by what works on it", async () => {
  const account = await world.account("deployer");
  const [a, b, c] = [
    await world.credential(account, "a"),
    await world.credential(account, "b"),
    await world.credential(account, "c"),
  ];
  const [listed, other] = [
    await world.credential(account, "listed"),
    await world.credential(account, "other"),
  ];
  const only = { serviceAccountId: account.id, organizationId: world.organizationId };
  const adopted = { inputs: statedKey(a, account, { adopt: a.id }) };
  const state = new State()
    .has("ServiceAccountCredential", "a", a.id, statedKey(a, account), adopted)
    .has("ServiceAccountCredential", "b*", b.id, statedKey(b, account))
    .has("ServiceAccountCredential", "c\u200b", c.id, statedKey(c, account))
    .has("ExclusiveCredentials", "only", account.id, { ...only, credentialIds: [listed.id] });
  const later = await future();
  const { stdout } = await world.drift([state], ["--stale", "1w", "--only", "stale"], {
    env: world.env(later.endpoint),
  });
  later.close();
  expect(under(stdout, "credential deployer/a")[1]).toMatch(
    /^or take `adopt` and `clientSecret` out of it, and put a new one in its place: +pulumi up --replace urn:\S+::a --stack dev$/,
  );
  for (const name of ["b", "c"])
    expect(under(stdout, `credential deployer/${name}`)[1]).toBe(
      'or put a new one in its place: give it this option, run `pulumi up`, change it, and run that again:  replacementTrigger: "1"',
    );
  expect(under(stdout, "credential deployer/listed")).toEqual([
    "take it out of the list of its account's ExclusiveCredentials, and run:  pulumi up --stack dev",
  ]);
  expect(under(stdout, `credential deployer/${other.name}`)).toEqual([
    "revoke it:  pulumi up --refresh --stack dev",
  ]);
});

test("what is alike in another organization is not taken for what an interrupted update left", async () => {
  const other = await startEmulator();
  const both = await tamper(({ path }) =>
    path.includes(`/${other.organizationId}/`)
      ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
      : { endpoint: world.emulator.endpoint },
  );
  await world.account("ci");
  const state = new State().was("creating", "ServiceAccount", "ci", {
    name: "ci",
    organizationId: other.organizationId,
  });
  const { stdout } = await world.drift([state], ["--organization", world.organizationId], {
    env: world.env(both.endpoint),
  });
  expect(stdout).toContain("2 findings (1 interrupted, 1 unmanaged-account)");
  expect(stdout).toContain("nothing that it could have made is at Keycard");
  both.close();
  await other.close();
});

describe("what an interrupted update left", () => {
  test("is recognised by the state's pending operations, and is told once", async () => {
    const { organizationId } = world;
    const [deployer, nightly] = [await world.account("deployer"), await world.account("nightly", "At night")];
    const [lost, used] = [await world.credential(deployer, "lost"), await world.credential(deployer, "used")];
    const old = await world.credential(deployer, "old");
    const state = new State()
      .has("ServiceAccount", "deployer", deployer.id, stated(deployer, { name: "deployer2" }))
      .has("ServiceAccountCredential", "key", old.id, statedKey(old, deployer), { delete: true })
      .has("ServiceAccountCredential", "key", used.id, statedKey(used, deployer))
      .has("ServiceAccountCredential", "gone", "gone", statedKey(lost, deployer), { delete: true })
      .has("ServiceAccount", "half", "half", { name: "half", organizationId }, { pendingReplacement: true })
      .was("updating", "ServiceAccount", "deployer", stated(deployer), deployer.id)
      .was("deleting", "ServiceAccount", "late", { name: "late", organizationId }, "late")
      .was("reading", "ServiceAccount", "read", { name: "read", organizationId })
      .was("creating", "ServiceAccount", "taken", { name: "taken", adopt: nightly.id, organizationId })
      .was("creating", "ServiceAccount", "nothing", { name: "nothing", organizationId })
      .was("creating", "ServiceAccount", "hidden", { name: secret, organizationId })
      .was("creating", "ServiceAccountCredential", "lost", {
        name: "lost",
        serviceAccountId: deployer.id,
        organizationId,
      });
    const { stdout, code } = await world.drift([state]);
    expect(code).toBe(7);
    expect(headlines(stdout)).toEqual([
      "  account deployer  <ID of deployer>  stack dev: deployer  made 2026-11-21 03:07 UTC",
      "    An update was interrupted while it changed it.",
      "  account half  half  stack dev: half",
      "    It was deleted, and the update ended before it was made again.",
      "  account hidden  stack dev: hidden",
      "    An update was interrupted while it created it; what it made, if anything, cannot be recognised by its name, which the program made secret.",
      "  account late  late  stack dev: late",
      "    An update was interrupted while it deleted it; it is gone.",
      "  account nightly  <ID of nightly>  stack dev: taken  made 2026-11-21 03:07 UTC",
      "    An update was interrupted while it took it over.",
      "  account nothing  stack dev: nothing",
      "    An update was interrupted while it created it; nothing that it could have made is at Keycard.",
      "  credential deployer/lost  <ID of lost>  stack dev: lost  made 2026-11-21 03:07 UTC, never used",
      "    An update was interrupted while it created a credential like it.",
      "  credential deployer/old  <ID of old>  stack dev: key  made 2026-11-21 03:07 UTC, never used",
      "    It was replaced, and the update ended before it was deleted.",
    ]);
    // The steps, in their order: a killed update leaves the stack locked, too.
    expect(under(stdout, "account nightly")).toEqual([
      "unlock the stack, if no update is running:  pulumi cancel --stack dev",
      "then run:                                   pulumi up --stack dev",
      "then let Pulumi forget the interruption:    pulumi refresh --clear-pending-creates --stack dev",
    ]);
    expect(under(stdout, "credential deployer/lost")).toEqual([
      "unlock the stack, if no update is running:  pulumi cancel --stack dev",
      "its secret is lost: delete it at Keycard",
      "then let Pulumi forget the interruption:    pulumi refresh --clear-pending-creates --stack dev",
    ]);
    expect(under(stdout, "account late")[0]).toContain("pulumi cancel");
    // To whoever does not care about interruptions, what they left is not somebody else's.
    expect(await kinds([state], "--ignore", "interrupted")).toEqual([]);
    expect(await kinds([state], "--only", "unmanaged-credential")).toEqual([]);
  });

  test("as many are told of as there are, and each says how many are alike", async () => {
    const pending = { name: "ci", organizationId: world.organizationId };
    const state = new State().was("creating", "ServiceAccount", "one", pending);
    for (const description of [undefined, undefined, "something else"])
      await world.account("ci", description);
    const { stdout } = await world.drift([state]);
    expect(stdout.match(/created an account like it; 2 are like that/g)).toHaveLength(2);
    expect(stdout).toContain("3 findings (2 interrupted, 1 unmanaged-account)");
    state
      .was("creating", "ServiceAccount", "two", pending)
      .was("creating", "ServiceAccount", "three", pending);
    const more = await world.drift([state], ["--only", "interrupted"]);
    expect(more.stdout.match(/stack dev: (one|two|three)/g)?.sort()).toEqual([
      "stack dev: one",
      "stack dev: three",
      "stack dev: two",
    ]);
    expect(more.stdout).toContain("account ci  stack dev: three\n");
  });

  test("is not taken over where its resource has another one by now, and is revoked where the stack revokes", async () => {
    const { organizationId } = world;
    const second = await world.account("second");
    const first = await world.keycard.create(organizationId, { name: "worker", description: "x" });
    const lost = await world.credential(second, "lost");
    const only = { serviceAccountId: second.id, organizationId, credentialIds: [] as string[] };
    const state = new State()
      .has("ServiceAccount", "worker", second.id, stated(second))
      .has("ExclusiveCredentials", "only", second.id, only)
      .was("creating", "ServiceAccount", "worker", { name: "worker", description: "x", organizationId })
      .was("creating", "ServiceAccountCredential", "lost", statedKey(lost, second));
    const { stdout } = await world.drift([state]);
    expect(under(stdout, "account worker")).toEqual([
      `its resource has another one by now: delete this one at Keycard, or take it over:  new keycard.ServiceAccount("worker-2", { name: "worker", description: "x", adopt: "${first.id}" });`,
      expect.stringContaining("pulumi refresh --clear-pending-creates --stack dev"),
    ]);
    expect(under(stdout, "credential second/lost")[1]).toMatch(
      /^its secret is lost: delete it at Keycard, or revoke it by running this twice: +pulumi up --refresh --stack dev$/,
    );
    only.credentialIds.push(lost.id);
    const listed = await world.drift([state]);
    expect(under(listed.stdout, "credential second/lost")[1]).toBe(
      "its secret is lost: delete it at Keycard",
    );
  });

  test("is recognised by what the state keeps of a create that could not be settled", async () => {
    const { organizationId } = world;
    const before = await world.account("ci");
    const made = await world.account("ci");
    const unsettled = { others: [before.id], together: 1, since: made.created_at, until: made.created_at };
    const state = new State()
      .has("ServiceAccount", "ci", "unsettled-1", { name: "ci", organizationId, unsettled })
      .has("ServiceAccount", "no", "unsettled-2", { name: "no", organizationId, unsettled });
    const { stdout } = await world.drift([state]);
    expect(headlines(stdout).slice(0, 4)).toEqual([
      "  account ci  <ID of ci>  stack dev: ci  made 2026-11-21 03:07 UTC",
      "    Keycard's answer to a creation was lost, which seems to have made it.",
      "  account no  stack dev: no",
      "    Keycard's answer to its creation was lost; nothing that it could have made is there.",
    ]);
    expect(stdout).toContain("3 findings (2 interrupted, 1 unmanaged-account)");
  });
});

test("what ExclusiveCredentials lists is nobody's drift; what it does not is revoked by the next update", async () => {
  const account = await world.account("deployer");
  const [listed, other] = [
    await world.credential(account, "listed"),
    await world.credential(account, "other"),
  ];
  const only = { serviceAccountId: account.id, organizationId: world.organizationId };
  const state = new State().has("ExclusiveCredentials", "only", account.id, {
    ...only,
    credentialIds: [listed.id, other.id],
    otherIds: [other.id], // found by a refresh
  });
  const { stdout } = await world.drift([state]);
  expect(stdout).toContain("2 findings (1 unmanaged-account, 1 unmanaged-credential)");
  expect(stdout).toContain("credential deployer/other  <ID of other>  stack dev: only");
  expect(stdout).toMatch(/revoke it: +pulumi up --refresh --stack dev/);
});

test("what a stack only reads is not managed by it, and is missing where it is gone", async () => {
  const account = await world.account("deployer");
  const state = new State()
    .has("ServiceAccount", "theirs", account.id, stated(account, { description: "once" }), { external: true })
    .has("ServiceAccount", "gone", "gone", stated(account), { external: true });
  const { stdout } = await world.drift([state]);
  expect(headlines(stdout)).toEqual([
    "  account deployer  gone  stack dev: gone",
    "    The program reads it, and it is not at Keycard: its next update fails.",
    "  account deployer  <ID of deployer>  stack dev: theirs  made 2026-11-21 03:07 UTC",
    "    A stack reads it, but none manages it.",
  ]);
});

test("what a stack only reads can be taken over in the place of its get, and no advice revokes it", async () => {
  const account = await world.account("deployer");
  const [read, own] = [await world.credential(account, "read"), await world.credential(account, "own")];
  await world.credential(account, "by-hand");
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, stated(account))
    .has("ServiceAccountCredential", "theirs", read.id, statedKey(read, account), { external: true })
    .has("ServiceAccountCredential", "own", own.id, statedKey(own, account));
  const { stdout } = await world.drift([state]);
  expect(stdout).toContain("stack dev: theirs  made");
  expect(stdout).toContain("\n    A stack reads it, but none manages it.\n");
  expect(under(stdout, "credential deployer/read")).toEqual([
    'take it over, with this in place of the `get`, if you have its secret:  new keycard.ServiceAccountCredential("theirs", { serviceAccountId: "<ID of deployer>", name: "read", adopt: "<ID of read>", clientSecret: new pulumi.Config().requireSecret("read-secret") });',
  ]);
  const kept = /credentialIds: \[(.*)\]/.exec(under(stdout, "credential deployer/by-hand")[1] ?? "")?.[1];
  expect(kept?.split(", ").sort()).toEqual(['"<ID of own>"', '"<ID of read>"']);
  const later = await future();
  const stale = await world.drift([state], ["--stale", "1w", "--only", "stale", "--only", "*/read"], {
    env: world.env(later.endpoint),
  });
  later.close();
  expect(under(stale.stdout, "credential deployer/read")).toEqual([
    "take the `get` that reads it out of the program, then delete it at Keycard",
  ]);
});

test("each line that is advised declares another resource, and takes another secret", async () => {
  const [ci, first] = [await world.account("ci"), await world.account("ci")];
  const last = await world.account("ci");
  for (const name of ["key", "key", "key!", "ci"]) await world.credential(ci, name);
  await world.credential(first, "ci");
  const state = new State()
    .has("ServiceAccount", "ci", ci.id, stated(ci))
    .has("ServiceAccountCredential", "key", "gone", statedKey({ name: "key" } as never, ci))
    .has("ExclusiveCredentials", "only-ci", first.id, {
      serviceAccountId: first.id,
      organizationId: world.organizationId,
    });
  const { stdout } = await world.drift([state], ["--format", "json"]);
  const { findings } = expectValid(stdout);
  const lines = findings.flatMap(({ remedies }) => remedies.flatMap(({ code }) => code ?? []));
  const named = (type: string) =>
    lines.flatMap((line) => new RegExp(`new keycard\\.${type}\\("(.*?)"`).exec(line)?.[1] ?? []);
  expect(named("ServiceAccount").sort()).toEqual(["ci-2", "ci-3"]);
  expect(lines.filter((line) => line.startsWith("new keycard.ServiceAccount("))).toContain(
    `new keycard.ServiceAccount("ci-3", { name: "ci", adopt: "${last.id}" });`.replaceAll(
      last.id,
      world.told(last.id),
    ),
  );
  expect(named("ServiceAccountCredential").sort()).toEqual(["ci", "ci-2", "key!", "key-2", "key-3"]);
  expect(new Set(named("ExclusiveCredentials"))).toEqual(new Set(["only-ci-2"]));
  const keys = lines.flatMap((line) => /requireSecret\("(.*?)"\)/.exec(line)?.[1] ?? []);
  expect(keys.sort()).toEqual(["ci-2-secret", "ci-secret", "key--secret", "key-2-secret", "key-3-secret"]);
});

test("what no program can say is not advised", async () => {
  const account = await world.account("deployer");
  const names = await tamper({ endpoint: world.emulator.endpoint }, async ({ path }, act) => {
    const answer = await act();
    const body = JSON.parse(JSON.stringify(answer.body).replace("deployer", "\\ud800")) as object;
    return path.includes("/service-accounts?") ? { ...answer, body } : answer;
  });
  const env = world.env(names.endpoint);
  const empty = [
    "--state",
    world.file('{"version":3,"deployment":{}}'),
    "--organization",
    world.organizationId,
  ];
  const unmanaged = await world.drift([], empty, { env });
  expect(under(unmanaged.stdout, "account ")).toEqual([
    "it cannot be taken over: name is no valid Unicode, which Pulumi cannot keep",
  ]);
  const state = new State().has("ServiceAccount", "deployer", account.id, stated(account));
  const changed = await world.drift([state], ["--format", "markdown"], { env });
  expect(changed.stdout).toContain(
    "<br>it cannot be kept so: name is no valid Unicode, which Pulumi cannot keep |",
  );
  names.close();
});

test("what a program made secret is not compared, which is told, and nothing of it is needed", async () => {
  const account = await world.account("deployer", "Deploys from CI");
  const key = await world.credential(account, "key");
  const hidden = { name: secret, description: secret, organizationId: secret };
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, hidden)
    .has("ServiceAccountCredential", "key", key.id, { ...hidden, name: "key", serviceAccountId: secret })
    .has("ServiceAccountCredential", "lost", "lost", { ...hidden, name: "lost", serviceAccountId: secret });
  const env = { ...world.env(), KEYCARD_ORGANIZATION_ID: world.organizationId };
  const { stdout, code } = await world.drift([state], [], { env });
  expect(code).toBe(0);
  expect(stdout.split("\n\n")).toEqual([
    "note: stack dev: deployer: not compared, because the program made it secret: name, description.",
    "note: stack dev: key: not compared, because the program made it secret: description.",
    "note: stack dev: lost: not compared, because the program made it secret: description, organizationId, serviceAccountId.",
    "No drift: 1 account and 1 credential of acme compared with stack dev.\n",
  ]);
  const json = await world.drift([state], ["--format", "json"], { env });
  expect(expectValid(json.stdout).uncompared).toHaveLength(3);
  expect((await world.drift([state], ["--format", "markdown"], { env })).stdout).toContain(
    "- `stack dev: key: not compared",
  );
});

test("what is in an organization that is secret is looked for where the settings say, and is not missing where it is not", async () => {
  const account = await world.account("deployer");
  const key = await world.credential(account, "key");
  const other = await startEmulator();
  const both = await tamper(({ path }) =>
    path.includes(`/${other.organizationId}/`)
      ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
      : { endpoint: world.emulator.endpoint },
  );
  const state = new State()
    .has("ServiceAccount", "deployer", account.id, stated(account, { organizationId: secret }))
    .has(
      "ServiceAccountCredential",
      "key",
      key.id,
      statedKey({ ...key, name: "k" }, account, { organizationId: secret }),
    );
  const env = { ...world.env(both.endpoint), KEYCARD_ORGANIZATION_ID: other.organizationId };
  const elsewhere = await world.drift([state], [], { env });
  const named = await world.drift([state], ["--organization", world.organizationId], { env });
  both.close();
  await other.close();
  expect(elsewhere.stdout).toContain(
    "note: stack dev: deployer: not compared, because the program made it secret: organizationId.",
  );
  expect(elsewhere.stdout).toContain("No drift: 0 accounts and 0 credentials of");
  expect(headlines(named.stdout)).toContain(
    "  credential deployer/key  <ID of key>  stack dev: key  made 2026-11-21 03:07 UTC, never used",
  );
  expect(named.stdout).toContain("1 finding (1 changed): 1 account and 1 credential of acme");
});

test("several stacks are compared together, also where they call the organization by different names", async () => {
  const { organizationLabel } = world.emulator;
  const [a, b] = [await world.account("a"), await world.account("b")];
  const [key, other] = [await world.credential(a, "key"), await world.credential(b, "other")];
  const one = new State("one").has("ServiceAccount", "a", a.id, stated(a));
  const two = new State("two")
    .has("ServiceAccount", "b", b.id, stated(b, { organizationId: organizationLabel }))
    .has("ServiceAccountCredential", "key", key.id, statedKey(key, a, { organizationId: organizationLabel }))
    .has(
      "ServiceAccountCredential",
      "gone",
      "gone",
      statedKey(other, b, { organizationId: organizationLabel }),
    );
  expect(await kinds([one])).toEqual(["unmanaged-account b", "unmanaged-credential a/key"]);
  const { stdout } = await world.drift([one, two]);
  expect(stdout).toContain(
    "2 findings (1 missing, 1 unmanaged-credential): 2 accounts and 2 credentials of acme compared with stack one, stack two.",
  );
});

test("a credential is called by its account also where that is missing itself", async () => {
  const account = { name: "deployer", organizationId: world.organizationId };
  const state = new State()
    .has("ServiceAccount", "d", "gone", account)
    .has("ServiceAccountCredential", "k", "lost", { ...account, name: "key", serviceAccountId: "gone" });
  expect(await kinds([state], "--only", "deployer/*")).toEqual(["missing deployer/key"]);
});

test("nothing is hidden by a name that is the ID of something else", async () => {
  const account = await world.account("deployer");
  await world.credential(account, "key");
  const ignored = await world.account("ci-preview");
  await world.account(ignored.id);
  await world.credential(account, ignored.id);
  const state = new State().has("ServiceAccount", "deployer", account.id, stated(account));
  const { stdout } = await world.drift([state], ["--ignore", ignored.id, "--ignore", `${ignored.id}/*`]);
  expect(stdout).toContain("3 findings (1 unmanaged-account, 2 unmanaged-credential)");
  const own = await world.drift([state], ["--ignore", account.id]);
  expect(own.stdout).toContain("4 findings (2 unmanaged-account, 2 unmanaged-credential)");
  expect((await world.drift([state], ["--only", `${account.id}/*`])).stdout).toContain("2 findings (2 un");
});

test("what several stacks have is told of for each", async () => {
  const account = await world.account("deployer");
  const both = ["one", "two"].map((stack) =>
    new State(stack)
      .has("ServiceAccount", "deployer", account.id, stated(account, { name: stack }))
      .has("ServiceAccount", "gone", "gone", stated(account)),
  );
  const { stdout } = await world.drift(both);
  expect(stdout.match(/stack (one|two): \w+/g)).toEqual([
    "stack one: gone",
    "stack two: gone",
    "stack one: deployer",
    "stack two: deployer",
  ]);
});

describe("--only and --ignore", () => {
  let states: State[];
  beforeEach(async () => {
    const deployer = await world.account("deployer");
    await world.credential(deployer, "key");
    for (const name of ["ci-one", "ci-two", "nightly"]) await world.account(name);
    states = [new State().has("ServiceAccount", "deploys", deployer.id, stated(deployer, { name: "ci" }))];
  });

  test("choose kinds and names, and both can be given again", async () => {
    const ci = ["unmanaged-account ci-one", "unmanaged-account ci-two"];
    expect(await kinds(states, "--only", "ci-*")).toEqual(ci);
    expect(await kinds(states, "--only", "ci-?wo", "--only", "deploys")).toEqual(["changed deployer", ci[1]]);
    expect(await kinds(states, "--only", "changed", "--only", "unmanaged-credential")).toEqual([
      "changed deployer",
      "unmanaged-credential deployer/key",
    ]);
    expect(await kinds(states, "--only", "unmanaged-account", "--only", "*one")).toEqual([ci[0]]);
    expect(await kinds(states, "--ignore", "deployer*", "--ignore", "nightly")).toEqual(ci);
    expect(await kinds(states, "--ignore", "unmanaged-account", "--ignore", "changed")).toEqual([
      "unmanaged-credential deployer/key",
    ]);
    expect(await kinds(states, "--only", "changed", "--ignore", "deployer")).toEqual([]);
  });

  test("what is neither a kind nor a name is refused", async () => {
    for (const option of ["--only", "--ignore"]) {
      const { stderr, code } = await world.drift(states, [option, "chagned"]);
      expect(code).toBe(2);
      expect(stderr).toContain("Is it changed? For a name, put ? for one of its characters.");
    }
    expect((await world.drift(states, ["--only", "unmanaged*"])).code).toBe(2);
    await world.account("CORP\\svc");
    for (const pattern of ["CORP\\svc", "CORP\\*"])
      expect((await world.drift(states, ["--only", pattern])).stdout).toContain("1 finding (1 unmanaged-");
    expect(await world.drift(states, ["--only", "nobody"])).toEqual({
      stdout: "",
      stderr:
        'error: --only "nobody" is neither a kind nor the name of anything. The kinds are interrupted, missing, changed, unmanaged-account, unmanaged-credential, stale; a name, and no kind, can have wildcards, as in "ci-*".\n',
      code: 2,
    });
  });
});
