/** `pulumi-keycard adopt`, from the command line to the first update. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import vm from "node:vm";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator, LoggedRequest } from "pulumi-keycard/emulator";
import type { ServiceAccount } from "pulumi-keycard/sdk";
import ts from "typescript";
import { documented } from "../docs";
import { openEngine } from "../engine";
import { configure, keycardOf } from "../engine/keycard";
import { makeProject } from "../engine/project";
import type { Project } from "../engine/project";
import { hardNames } from "../support/hardNames";
import { tamper } from "../support/tamper";
import { runIn } from "../support/command";
import { isFormatted } from "../support/prettier";

let emulator: Emulator;
let folder: string;
beforeEach(async () => {
  emulator = await startEmulator();
  folder = await mkdtemp(path.join(tmpdir(), "keycard-adopt-"));
});
afterEach(async () => {
  await emulator.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command with all settings in the environment. */
function command(...args: string[]) {
  return commandWith({}, ...args);
}

function commandWith(settings: Record<string, string>, ...args: string[]) {
  const { endpoint, clientId, clientSecret, organizationId } = emulator;
  const env = {
    ...process.env,
    KEYCARD_ENDPOINT: endpoint,
    KEYCARD_CLIENT_ID: clientId,
    KEYCARD_CLIENT_SECRET: clientSecret,
    KEYCARD_ORGANIZATION_ID: organizationId,
    ...settings,
  };
  return runIn({ env }, ...args);
}

function keycard() {
  return keycardOf(emulator);
}

function inOrganization() {
  return { organization_id: emulator.organizationId };
}

/** Creates accounts by hand; every third has its name as description, every fifth a credential. */
async function createAccounts(...names: string[]): Promise<ServiceAccount[]> {
  const created: ServiceAccount[] = [];
  for (const [index, name] of names.entries()) {
    const description = index % 3 === 0 ? { description: [...name].slice(0, 400).join("") } : {};
    const account = await keycard().create(emulator.organizationId, { name, ...description });
    created.push(account);
    while (Date.now() <= Date.parse(account.created_at)); // The next one is younger.
    if (index % 5 === 0) await keycard().credentials.create(account.id, { ...inOrganization(), name });
  }
  return created;
}

async function accounts(): Promise<ServiceAccount[]> {
  const all: ServiceAccount[] = [];
  for await (const one of keycard().list(emulator.organizationId)) all.push(one);
  return all;
}

/** Returns the calls that may have changed something. */
async function changes(): Promise<LoggedRequest[]> {
  const log = (await (await fetch(`${emulator.endpoint}/_emulator/requests`)).json()) as LoggedRequest[];
  return log.filter(({ method, operation }) => method !== "GET" && operation !== "token");
}

/** Writes a state, and returns the file's path. */
async function stateFile(deployment: object): Promise<string> {
  const file = path.join(folder, "state.json");
  await writeFile(file, JSON.stringify({ version: 3, deployment: { manifest: {}, ...deployment } }));
  return file;
}

/** Runs a program, and returns the arguments of each account's resource by the account's ID. */
function declared(code: string): Map<unknown, object> {
  const found = new Map<unknown, object>();
  function ServiceAccount(logicalName: string, args: { adopt: string }) {
    found.set(args.adopt, { name: logicalName, ...args });
  }
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const keycard = { ServiceAccount };
  vm.runInNewContext(outputText, { exports: {}, require: () => keycard, keycard });
  return found;
}

/** Creates a project with a TypeScript program. */
async function typescriptProject(program: string): Promise<Project> {
  const project = await makeProject();
  const write = (file: string, content: string) => writeFile(path.join(project.folder, file), content);
  await write("Pulumi.yaml", "name: adopted\nruntime: nodejs\n");
  await write("package.json", JSON.stringify({ name: "adopted", private: true, main: "index.ts" }));
  await write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["index.ts"] }));
  await write("index.ts", program);
  return project;
}

const compilerOptions = { strict: true, target: "es2020", module: "commonjs", moduleResolution: "node" };

/** Returns the errors of the TypeScript compiler. */
function typeErrors({ folder }: Project, ...files: string[]): string[] {
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, folder);
  const program = ts.createProgram(
    files.map((file) => path.join(folder, file)),
    { ...options, noEmit: true, skipLibCheck: true, types: [] },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

test("adopts accounts of any name: the first up changes nothing at Keycard, and the next preview is empty", async () => {
  await createAccounts(...hardNames);
  const [before, changed] = [await accounts(), (await changes()).length];

  const { stdout: program, stderr, code } = await command("adopt", "--credentials");
  expect([code, stderr]).toEqual([
    0,
    expect.stringContaining(`Wrote declarations of ${hardNames.length} accounts of`),
  ]);
  expect(await isFormatted(program, { parser: "typescript" })).toBe(true);

  const empty = await stateFile({});
  const report = await command(
    "drift",
    "--state",
    empty,
    "--organization",
    emulator.organizationId,
    "--format",
    "json",
  );
  const { findings } = JSON.parse(report.stdout) as { findings: { remedies: { code: string }[] }[] };
  const advised = findings.map(({ remedies: [remedy] }) => String(remedy?.code)).join("\n");
  expect(declared(program)).toEqual(declared(advised));

  const project = await typescriptProject(program);
  // Its types are checked below.
  const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
  const engine = await openEngine({ projectDir: project.folder, env });
  try {
    // Completed with their secrets, the comments are code.
    const completed = program.replace(/^\/\/ (import|const|new) /gm, "$1 ");
    await writeFile(path.join(project.folder, "completed.ts"), completed);
    expect(typeErrors(project, "index.ts", "completed.ts")).toEqual([]);
    await configure(engine, emulator);
    const count = hardNames.length + 1;
    expect((await engine.up()).changes).toEqual({ create: count });
    expect((await engine.preview()).changes).toEqual({ same: count });
    expect((await changes()).length).toBe(changed);
    expect(await accounts()).toEqual(before);
    const state = await engine.export();
    const ours = (state.deployment.resources ?? []).filter(({ type }) => type.includes("keycard:"));
    expect(ours.map(({ id }) => String(id)).sort()).toEqual(before.map(({ id }) => id).sort());
    expect(ours.every(({ protect }) => protect)).toBe(true);

    const file = await stateFile(state.deployment);
    const again = await command("adopt", "--state", file);
    expect(again).toEqual({
      stdout: "",
      stderr: expect.stringContaining("Found no account to adopt") as string,
      code: 0,
    });
  } finally {
    await engine.close();
    await project.remove();
  }
});

test("omits the accounts that a stack manages, and those that its interrupted update may have created", async () => {
  const [managed, , , left] = await createAccounts("deployer", "deployer", "other", "left");
  const resource = (name: string, more: object) => ({
    urn: `urn:pulumi:test::project::pulumi-nodejs:dynamic/keycard:ServiceAccount::${name}`,
    type: "pulumi-nodejs:dynamic/keycard:ServiceAccount",
    custom: true,
    ...more,
  });
  const inputs = { name: "left", organizationId: emulator.organizationId, description: "left" };
  const outputs = { ...managed, organizationId: emulator.organizationId };
  const file = await stateFile({
    resources: [resource("deployer", { id: managed?.id, inputs: { name: "deployer" }, outputs })],
    pending_operations: [
      {
        type: "creating",
        resource: resource("left", { inputs: { ...inputs, description: left?.description } }),
      },
    ],
  });
  const { stdout, stderr, code } = await command(
    "adopt",
    "--state",
    file,
    "--no-protect",
    "--ignore",
    "oth*",
  );
  expect([code, [...declared(stdout).values()]]).toEqual([
    0,
    [expect.objectContaining({ name: "deployer" })],
  ]);
  // The stack uses that name already.
  expect(stdout).toMatch(
    /const deployer2 = new keycard.ServiceAccount\("deployer-2", \{\n  name: "deployer",\n/,
  );
  expect(stderr).toContain(`Skipped "left" (${String(left?.id)}): an interrupted update may have created it`);
});

test("--out writes only a new file, and skips what no program can declare", async () => {
  const [, unnamed] = await createAccounts("deployer", "\ud800\u001b[2J");
  const out = path.join(folder, "index.ts");
  const first = await command("adopt", "--out", out, "--organization", "emulator");
  expect(first).toMatchObject({ stdout: "", code: 0 });
  expect(first.stderr).toContain(
    `Skipped "\\u{d800}\\u{1b}[2J" (${String(unnamed?.id)}): name contains invalid Unicode`,
  );
  const written = await readFile(out, "utf8");
  // Not the environment's organization.
  expect([...declared(written).values()]).toEqual([
    expect.objectContaining({ name: "deployer", organizationId: "emulator" }),
  ]);

  expect(await command("adopt", "--out", out)).toEqual({
    stdout: "",
    stderr: expect.stringContaining(`${out} already exists`) as string,
    code: 2,
  });
  expect(await readFile(out, "utf8")).toBe(written);
  expect((await command("adopt", "--out", path.join(folder, "none", "index.ts"))).code).toBe(2);
});

test("docs/adopt.md shows its output and the program", async () => {
  const created = await createAccounts("deployer", "deployer", "CI (nightly)");
  const file = path.join(folder, "index.ts");
  const { stderr } = await command("adopt", "--credentials", "--out", file);
  const [credential] = (await keycard().credentials.list(String(created[0]?.id), inOrganization())).items;
  const ids = [...created, credential].map((one) => String(one?.id));
  const written = ids.reduce(
    (text, id, index) => text.replaceAll(id, `q7w3k5n2x9d4m8p6r1t0v3b5f${index + 1}`),
    await readFile(file, "utf8"),
  );
  // The page's own format has longer lines.
  const shown = (language: string, text: string) =>
    `<!-- prettier-ignore -->\n\`\`\`${language}\n${text}\`\`\``;
  const printed = stderr.replace(file, "index.ts").replace(emulator.organizationId, "acme");
  await documented("adopt.md", "output", shown("text", printed));
  await documented("adopt.md", "program", shown("ts", written));
});

test("exits with Pulumi's codes, and writes no program on an error", async () => {
  const nothing = await command("adopt");
  expect(nothing).toEqual({
    stdout: "",
    stderr: expect.stringMatching(/^Found no account to adopt in ".*"/) as string,
    code: 0,
  });
  expect((await command("adopt", "--organization", "nobody")).code).toBe(2);
  expect(await commandWith({ KEYCARD_CLIENT_SECRET: "wrong" }, "adopt")).toMatchObject({
    stdout: "",
    code: 3,
  });
  const unset = { KEYCARD_CLIENT_ID: "", KEYCARD_CLIENT_SECRET: "" };
  expect(await commandWith(unset, "adopt")).toEqual({
    stdout: "",
    stderr:
      "error: Set KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: without --stack, the command reads its settings only from there. To use a stack's configuration, pass --stack NAME.\n",
    code: 2,
  });
});

test("--only and --ignore take names of accounts, even one that equals a kind of drift", async () => {
  await createAccounts("deployer", "missing");
  const { stdout } = await command("adopt", "--only", "missing");
  expect([...declared(stdout).values()]).toEqual([expect.objectContaining({ name: "missing" })]);
  expect(await command("adopt", "--only", "unmanaged-account")).toEqual({
    stdout: "",
    stderr:
      'error: --only "unmanaged-account" matches no account\'s name or ID. A name may contain wildcards, as in "ci-*".\n',
    code: 2,
  });
  expect(await command("adopt", "--ignore", "")).toMatchObject({
    stdout: "",
    stderr: expect.stringContaining("The value is empty. Is a variable unset?") as string,
    code: 2,
  });
});

test("never adopts the account that the command signs in with", async () => {
  const [, pulumi] = await createAccounts("deployer", "pulumi");
  const inPulumi = { ...inOrganization(), name: "pulumi" };
  const { client_id, client_secret } = await keycard().credentials.create(String(pulumi?.id), inPulumi);
  // The emulator's accounts have no permissions: the credential signs in, and another one makes the calls.
  const server = await tamper({ endpoint: emulator.endpoint, authorizeAs: emulator.apiKey });
  const settings = {
    KEYCARD_ENDPOINT: server.endpoint,
    KEYCARD_CLIENT_ID: client_id,
    KEYCARD_CLIENT_SECRET: client_secret,
  };
  const { stdout, stderr } = await commandWith(settings, "adopt");
  server.close();
  expect([...declared(stdout).values()]).toEqual([expect.objectContaining({ name: "deployer" })]);
  expect(stderr).toContain(
    `Skipped "pulumi" (${pulumi?.id}): this command signs in with one of its credentials.\n`,
  );
});

test("suggests environment variables, not `pulumi config set`, where no stack's configuration is read", async () => {
  for (const [settings, advice] of [
    [
      { KEYCARD_CLIENT_SECRET: "wrong" },
      "\nCheck KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment",
    ],
    [
      { KEYCARD_ENDPOINT: "http://127.0.0.1:9" },
      "\nCheck the network and KEYCARD_ENDPOINT in the environment.\n",
    ],
    [{ KEYCARD_ENDPOINT: "keycard" }, "error: KEYCARD_ENDPOINT is not a URL."],
    [{ KEYCARD_ORGANIZATION_ID: "nobody" }, "Check --organization and KEYCARD_ORGANIZATION_ID."],
  ] as const) {
    const { stderr } = await commandWith(settings, "adopt");
    expect(stderr).toContain(advice);
    expect(stderr).not.toMatch(/keycard:|pulumi config/);
  }
});
