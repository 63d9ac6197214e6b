/** `pulumi-keycard adopt`, from the command line to the first update. */
import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";
import type { ServiceAccount } from "pulumi-keycard/sdk";
import ts from "typescript/lib/typescript"; // Not deferred, as "typescript" is: see jest.config.js.
import { documented } from "../docs";
import { openEngine } from "../engine";
import { configure } from "../engine/keycard";
import { makeProject } from "../engine/project";
import { writeFiles } from "../package/project";
import { ended, runIn } from "../support/command";
import { CommandFixture } from "../support/commandFixture";
import { hardNames } from "../support/hardNames";
import { isFormatted } from "../support/prettier";

const fixture = CommandFixture.forEachTest();

const environment = () => fixture.env({ KEYCARD_ORGANIZATION_ID: fixture.organizationId });

/** Runs the command with all settings in the environment. */
function adopt(...args: string[]) {
  return runIn({ env: environment() }, "adopt", ...args);
}

/** Creates accounts by hand; every third has its name as description, every fifth a credential. */
async function createAccounts<Names extends string[]>(...names: Names) {
  const { keycard, organizationId: organization_id } = fixture;
  const created: ServiceAccount[] = [];
  for (const [index, name] of names.entries()) {
    const description = index % 3 === 0 ? { description: [...name].slice(0, 400).join("") } : {};
    const account = await keycard.create(organization_id, { name, ...description });
    created.push(account);
    while (Date.now() <= Date.parse(account.created_at)); // The next one is younger.
    if (index % 5 === 0) await keycard.credentials.create(account.id, { organization_id, name });
  }
  return created as { [Index in keyof Names]: ServiceAccount };
}

async function accounts(): Promise<ServiceAccount[]> {
  const all: ServiceAccount[] = [];
  for await (const one of fixture.keycard.list(fixture.organizationId)) all.push(one);
  return all;
}

/** Returns the number of calls that may have changed something. */
async function changes(): Promise<number> {
  return (await fixture.operations()).filter((operation) => !/^(token|list|retrieve)/.test(operation)).length;
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

/** Expects a program to declare a single account, with these arguments among others. */
function expectOnly(program: string, args: object): void {
  expect([...declared(program).values()]).toEqual([expect.objectContaining(args)]);
}

const compilerOptions = { strict: true, target: "es2020", module: "commonjs", moduleResolution: "node" };

/** Returns the errors of the TypeScript compiler. */
function typeErrors(folder: string, ...files: string[]): string[] {
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
  const [before, changed] = [await accounts(), await changes()];

  const { stdout: program, stderr, code } = await adopt("--credentials");
  expect(code).toBe(0);
  expect(stderr).toContain(`Wrote declarations of ${hardNames.length} accounts of`);
  expect(await isFormatted(program, { parser: "typescript" })).toBe(true);

  const { findings } = await fixture.report([fixture.state()], [], { env: environment() });
  const advised = findings.map(({ remedies: [remedy] }) => String(remedy?.code)).join("\n");
  expect(declared(program)).toEqual(declared(advised));

  // Completed with their secrets, the comments are code.
  const completed = program.replace(/^\/\/ (import|const|new) /gm, "$1 ");
  const project = await makeProject();
  await writeFiles(project.folder, {
    "Pulumi.yaml": "name: adopted\nruntime: nodejs\n",
    "package.json": { name: "adopted", private: true, main: "index.ts" },
    "tsconfig.json": { compilerOptions, files: ["index.ts"] },
    "index.ts": program,
    "completed.ts": completed,
  });
  const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
  const engine = await openEngine({ projectDir: project.folder, env });
  try {
    expect(typeErrors(project.folder, "index.ts", "completed.ts")).toEqual([]);
    await configure(engine, fixture.emulator);
    const count = hardNames.length + 1;
    expect((await engine.up()).changes).toEqual({ create: count });
    expect((await engine.preview()).changes).toEqual({ same: count });
    expect(await changes()).toBe(changed);
    expect(await accounts()).toEqual(before);
    const state = await engine.export();
    const ours = (state.deployment.resources ?? []).filter(({ type }) => type.includes("keycard:"));
    expect(ours.map(({ id }) => String(id)).sort()).toEqual(before.map(({ id }) => id).sort());
    expect(ours.every(({ protect }) => protect)).toBe(true);

    const message = /Found no account to adopt/;
    expect(await adopt("--state", fixture.file(JSON.stringify(state)))).toEqual(ended(0, message));
  } finally {
    await engine.close();
    await project.remove();
  }
});

test("omits the accounts that a stack manages, and those that its interrupted update may have created", async () => {
  const [managed, , , left] = await createAccounts("deployer", "deployer", "other", "left");
  const state = fixture
    .state()
    .account("deployer", managed)
    .was("creating", "ServiceAccount", "left", fixture.outputsOf(left));
  const args = ["--state", fixture.file(state), "--no-protect", "--ignore", "oth*"];
  const { stdout, stderr, code } = await adopt(...args);
  expect(code).toBe(0);
  expectOnly(stdout, { name: "deployer" });
  // The stack uses that name already.
  expect(stdout).toMatch(
    /const deployer2 = new keycard.ServiceAccount\("deployer-2", \{\n  name: "deployer",\n/,
  );
  expect(stderr).toContain(`Skipped "left" (${left.id}): an interrupted update may have created it`);
});

test("--out writes only a new file, and skips what no program can declare", async () => {
  const [, unnamed] = await createAccounts("deployer", "\ud800\u001b[2J");
  const out = fixture.pathOf("index.ts");
  const first = await adopt("--out", out, "--organization", "emulator");
  expect(first).toMatchObject({ stdout: "", code: 0 });
  expect(first.stderr).toContain(
    `Skipped "\\u{d800}\\u{1b}[2J" (${unnamed.id}): name contains invalid Unicode`,
  );
  const written = readFileSync(out, "utf8");
  // Not the environment's organization.
  expectOnly(written, { name: "deployer", organizationId: "emulator" });

  expect(await adopt("--out", out)).toEqual(ended(2, new RegExp(`${out} already exists`)));
  expect(readFileSync(out, "utf8")).toBe(written);
  expect((await adopt("--out", fixture.pathOf("none/index.ts"))).code).toBe(2);
});

test("docs/adopt.md shows its output and the program", async () => {
  const created = await createAccounts("deployer", "deployer", "CI (nightly)");
  const file = fixture.pathOf("index.ts");
  const { stderr } = await adopt("--credentials", "--out", file);
  const organization = { organization_id: fixture.organizationId };
  const [credential] = (await fixture.keycard.credentials.list(created[0].id, organization)).items;
  const ids = [...created, credential].map((one) => String(one?.id));
  const written = ids.reduce(
    (text, id, index) => text.replaceAll(id, `q7w3k5n2x9d4m8p6r1t0v3b5f${index + 1}`),
    readFileSync(file, "utf8"),
  );
  // The page's own format has longer lines.
  const shown = (language: string, text: string) =>
    `<!-- prettier-ignore -->\n\`\`\`${language}\n${text}\`\`\``;
  await documented("adopt.md", "output", shown("text", fixture.normalized(stderr)));
  await documented("adopt.md", "program", shown("ts", written));
});

test("exits with 0 if there is nothing to adopt, and with 2 if there is no such organization", async () => {
  expect(await adopt()).toEqual(ended(0, /^Found no account to adopt in ".*"/));
  expect((await adopt("--organization", "nobody")).code).toBe(2);
});

test.each([
  [
    { KEYCARD_CLIENT_SECRET: "wrong" },
    3,
    /\nCheck KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment/,
  ],
  [
    { KEYCARD_ENDPOINT: "http://127.0.0.1:9" },
    1,
    /\nCheck the network and KEYCARD_ENDPOINT in the environment\.\n/,
  ],
  [{ KEYCARD_ENDPOINT: "keycard" }, 2, /error: KEYCARD_ENDPOINT is not a URL\./],
  [{ KEYCARD_ORGANIZATION_ID: "nobody" }, 2, /Check --organization and KEYCARD_ORGANIZATION_ID\./],
  [
    { KEYCARD_CLIENT_ID: "", KEYCARD_CLIENT_SECRET: "" },
    2,
    "error: Set KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: without --stack, the command reads its settings only from there. To use a stack's configuration, pass --stack NAME.\n",
  ],
])(
  "with the wrong settings %j, exits with Pulumi's code %i, and suggests variables, not `pulumi config set`",
  async (settings, code, message) => {
    const result = await runIn({ env: { ...environment(), ...settings } }, "adopt");
    expect(result).toEqual(ended(code, message));
    expect(result.stderr).not.toMatch(/keycard:|pulumi config/);
  },
);

test("--only and --ignore take names of accounts, even one that equals a kind of drift", async () => {
  await createAccounts("deployer", "missing");
  expectOnly((await adopt("--only", "missing")).stdout, { name: "missing" });
  const message =
    'error: --only "unmanaged-account" matches no account\'s name or ID. A name may contain wildcards, as in "ci-*".\n';
  expect(await adopt("--only", "unmanaged-account")).toEqual(ended(2, message));
  expect(await adopt("--ignore", "")).toEqual(ended(2, /The value is empty\. Is a variable unset\?/));
});

test("never adopts the account that the command signs in with", async () => {
  const [, pulumi] = await createAccounts("deployer", "pulumi");
  const env = {
    ...environment(),
    ...(await fixture.signingInAs(await fixture.credential(pulumi, "pulumi"))),
  };
  const { stdout, stderr } = await runIn({ env }, "adopt");
  expectOnly(stdout, { name: "deployer" });
  expect(stderr).toContain(
    `Skipped "pulumi" (${pulumi.id}): this command signs in with one of its credentials.\n`,
  );
});
