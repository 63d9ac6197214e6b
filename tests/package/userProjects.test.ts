/** Projects with the package installed from its tarball, as users have it: modules, types, bundles, and tests of programs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { build, transform } from "esbuild";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { devDependencies } from "../../package.json";
import { openEngine } from "../engine";
import type { Outcome } from "../engine";
import { configure } from "../engine/keycard";
import { command, install, pack, pageOf, removeFolder, temporaryFolder, writeFiles } from "./project";

const NODE_VERSIONS = ["20", "22", "24"];

const declares = `
const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });
const key = new keycard.ServiceAccountCredential("deployer-key", { serviceAccountId: deployer.id });
new keycard.ExclusiveCredentials("only", { serviceAccountId: deployer.id, credentialIds: [key.id] });
`;

let project: string;
let emulator: Emulator;

beforeAll(async () => {
  project = await temporaryFolder();
  await writeFiles(project, { "package.json": { name: "fresh", private: true } });
  const ours = ["@pulumi/pulumi", "typescript", "@types/node", "jest"] as const;
  await install(
    project,
    await pack(project),
    ...ours.map((name) => `${name}@${devDependencies[name]}`),
    ...NODE_VERSIONS.map((version) => `types-node-${version}@npm:@types/node@${version}`),
    "vitest@4",
  );
  emulator = await startEmulator();
}, 300_000);

afterAll(async () => {
  await emulator.close();
  await removeFolder(project);
});

/** Writes a project, whose program is in JavaScript unless the files say otherwise. */
async function writeProject(files: Record<string, string | object>, settings: object = {}): Promise<void> {
  await writeFiles(project, {
    "package.json": { name: "fresh", private: true, main: "index.js", ...settings },
    "Pulumi.yaml": "name: fresh\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
    ...files,
  });
}

/** Applies the project's program, and destroys the stack. */
async function upAndDestroy(): Promise<Outcome> {
  const engine = await openEngine({ projectDir: project });
  try {
    await configure(engine, emulator);
    const outcome = await engine.up();
    await engine.destroy();
    return outcome;
  } finally {
    await engine.close();
  }
}

test("works in the README's TypeScript program", async () => {
  const compilerOptions = { strict: true, target: "ES2022", module: "node16" };
  const files = {
    "Pulumi.yaml": "name: fresh\nruntime: nodejs\n",
    "tsconfig.json": { compilerOptions },
    "index.ts": await pageOf("README.md", /```ts\n(.*?)```/s),
  };
  await writeProject(files, { main: "index.ts" });
  const { changes, outputs } = await upAndDestroy();
  expect(changes["create"]).toBe(3);
  expect(outputs).toMatchObject({ clientId: { secret: false }, clientSecret: { secret: true } });
});

test.each([
  {
    kind: "CommonJS",
    type: "commonjs",
    code: `const keycard = require("pulumi-keycard");${declares}exports.clientSecret = key.clientSecret;`,
  },
  {
    kind: "ES modules",
    type: "module",
    code: `import * as keycard from "pulumi-keycard";${declares}export const { clientSecret } = key;`,
  },
])("works in a program of $kind", async ({ type, code }) => {
  await writeProject({ "index.js": code }, { type });
  const { changes, outputs } = await upAndDestroy();
  expect(changes["create"]).toBe(4);
  expect(outputs["clientSecret"]?.secret).toBe(true);
});

describe.each([
  ["with packages external", "external"],
  ["with all packages in it but Pulumi's", "bundle"],
] as const)("a bundle %s", (_, packages) => {
  const bundle = (contents: string) =>
    build({
      absWorkingDir: project,
      stdin: { contents, loader: "ts", resolveDir: project },
      outfile: "bundle.js",
      bundle: true,
      platform: "node",
      packages,
      // Pulumi's SDK loads TypeScript from a path beside its own file.
      external: ["@pulumi/pulumi"],
      logLevel: "error",
    });

  test("runs as a Pulumi program", async () => {
    await writeProject({}, { main: "bundle.js" });
    await bundle(`
import * as keycard from "pulumi-keycard";
const deployer = new keycard.ServiceAccount("deployer");
const key = new keycard.ServiceAccountCredential("key", { serviceAccountId: deployer.id });
export const found = keycard.getServiceAccountOutput({ id: deployer.id }).name;
export const clientSecret = key.clientSecret;
`);
    const { outputs, changes } = await upAndDestroy();
    expect(changes).toEqual({ create: 3 });
    expect(outputs).toMatchObject({ found: { value: "deployer" }, clientSecret: { secret: true } });
  });

  test("runs the client and the emulator", async () => {
    await writeProject({});
    await bundle(`
import { startEmulator } from "pulumi-keycard/emulator";
import { KeycardAPI, NotFoundError } from "pulumi-keycard/sdk";
void (async () => {
  const { endpoint, apiKey, organizationId, close } = await startEmulator();
  const { serviceAccounts } = new KeycardAPI({ baseURL: endpoint, apiKey }).organizations;
  const { id, name } = await serviceAccounts.create(organizationId, { name: "made in a bundle" });
  await serviceAccounts.delete(id, { organization_id: organizationId });
  const error = await serviceAccounts.retrieve(id, { organization_id: organizationId }).catch((thrown: unknown) => thrown);
  console.log(name, error instanceof NotFoundError);
  await close();
})();
`);
    expect(await command(project, "node", "bundle.js")).toEqual({
      stdout: "made in a bundle true\n",
      stderr: "",
    });
  });
});

describe("the test in docs/testing.md", () => {
  beforeAll(async () => {
    const page = await pageOf("docs/testing.md", /(.*)/s);
    const blocks = page.matchAll(/```[jt]s (\S+)\n(.*?)```/gs);
    const files = Object.fromEntries([...blocks].map(([, name, code]) => [name, String(code)]));
    const { "index.ts": program = "", "index.test.ts": vitest = "", "index.test.js": jest = "" } = files;
    const { code } = await transform(program, { loader: "ts", format: "cjs" });
    await writeFiles(path.join(project, "jest"), { "index.js": code, "index.test.js": jest });
    await writeFiles(path.join(project, "vitest"), { "index.ts": program, "index.test.ts": vitest });
    await writeProject({});
  });

  test.each([
    ["Jest", ["jest", "--rootDir", "jest"]],
    ["Vitest", ["vitest", "run", "--root", "vitest"]],
  ])("passes in %s, without a flag", async (_, args) => {
    const { stdout, stderr } = await command(project, "npx", ...args);
    expect(stdout + stderr).toMatch(/Tests:? .*1 passed/);
    expect(stdout + stderr).not.toMatch(/warning/i);
  });
});

test("the example in docs/emulator.md prints what the page shows", async () => {
  await writeProject({ "page.mjs": await pageOf("docs/emulator.md", /```js\n(.*?)```/s) });
  expect(await command(project, "node", "page.mjs")).toEqual({
    stdout: await pageOf("docs/emulator.md", /```text\n(.*?)```/s),
    stderr: "",
  });
});

const program = `
import * as pulumi from "@pulumi/pulumi";
import * as keycard from "pulumi-keycard";
import * as native from "pulumi-keycard/native";
import { KeycardAPI, NotFoundError } from "pulumi-keycard/sdk";
import { startEmulator } from "pulumi-keycard/emulator";
${declares}
const provider = new native.Provider("acme", { organizationId: "acme", timeout: 30 });
const served: native.ServiceAccount = new native.ServiceAccount("served", {}, { provider });
export const servedName: pulumi.Output<string> = native.getServiceAccountOutput({ id: served.id, organizationId: "acme" }).name;
// @ts-expect-error an account's ID is required
new native.ServiceAccountCredential("lost", {});
// @ts-expect-error a misspelt setting
new native.Provider("misspelt", { organisationId: "acme" });
export const clientSecret: pulumi.Output<string> = key.clientSecret;
export const lastUsedAt: pulumi.Output<string | undefined> = key.lastUsedAt;
// @ts-expect-error an account's ID is required
new keycard.ServiceAccountCredential("lost", {});
// @ts-expect-error the list is required
new keycard.ExclusiveCredentials("empty", { serviceAccountId: deployer.id });
// @ts-expect-error a misspelt input
new keycard.ServiceAccount("misspelt", { descripton: "" });
export const found: pulumi.Output<string | undefined> = keycard.getServiceAccountOutput({ name: deployer.name }).description;
export const readKey: pulumi.Output<string> = keycard.ServiceAccountCredential.get("key", found.apply(String), {
  serviceAccountId: deployer.id,
}).clientId;
// @ts-expect-error an ID or a name, not both
void keycard.getServiceAccount({ id: "an-id", name: "ci" });
// @ts-expect-error the account of a credential is required
keycard.ServiceAccountCredential.get("lost", "an-id");
export async function names(): Promise<string[]> {
  const { endpoint, apiKey, organizationId } = await startEmulator({ port: 0 });
  const found: string[] = [];
  try {
    for await (const account of new KeycardAPI({ baseURL: endpoint, apiKey }).organizations.serviceAccounts.list(organizationId)) found.push(account.name);
  } catch (error) {
    if (error instanceof NotFoundError) return [];
  }
  return found;
}
`;

test("its types are sound under every target, module and version of @types/node that users have, and without skipLibCheck", async () => {
  for (const version of NODE_VERSIONS) {
    await mkdir(path.join(project, `types-${version}`));
    const types = path.join(project, `node_modules/types-node-${version}`);
    await symlink(types, path.join(project, `types-${version}/node`));
  }
  // lookupsInPrograms.test.ts runs the README's example.
  const lookups = await pageOf("README.md", /### Look up accounts and credentials\n+```ts\n(.*?)```/s);
  await writeProject({
    ...Object.fromEntries(["ts", "cts", "mts"].map((extension) => [`program.${extension}`, program])),
    "lookups.mts": `import * as keycard from "pulumi-keycard";\n${lookups}`,
  });
  const script = path.join(__dirname, "checkTypes.js");
  const { stdout } = await command(project, "node", script, ...NODE_VERSIONS);
  const results = stdout.trim().split("\n");
  expect(results.filter((line) => !line.endsWith(": sound"))).toEqual([]);
  expect(results.length).toBe(26);
}, 300_000);

test("the provider loads little of its own, and neither the emulator nor the command line", async () => {
  const loaded = `
    require("@pulumi/pulumi");
    const before = new Set(Object.keys(require.cache));
    for (const name of ["", "/host", "/sdk", "/native"]) require("pulumi-keycard" + name);
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => !before.has(file))));`;
  const { stdout, stderr } = await command(project, "node", "-e", loaded);
  const files = (JSON.parse(stdout) as string[]).map((file) => file.replace(/^.*\/node_modules\//, ""));
  expect(files.filter((file) => !file.startsWith("pulumi-keycard/dist/"))).toEqual([]);
  expect(files.filter((file) => /emulator|\/(cli|drift|codegen)\//.test(file))).toEqual([]);
  expect(files.filter((file) => file.includes("thirdParty"))).toEqual([
    "pulumi-keycard/dist/sdk/thirdParty.js",
    "pulumi-keycard/dist/provider/rotation/thirdParty.js",
  ]);
  expect(stderr).toBe("");
});

test("the command starts the emulator, which prints its settings", async () => {
  const child = spawn("npx", ["pulumi-keycard", "emulator", "--port", "0"], { cwd: project, detached: true });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const settings = JSON.parse(String(line)) as Record<string, string>;
    const organization = ["organizationId", "organizationLabel"];
    expect(Object.keys(settings)).toEqual([
      "endpoint",
      ...organization,
      "clientId",
      "clientSecret",
      "apiKey",
    ]);
  } finally {
    // npx runs it in a shell: the whole group ends.
    process.kill(-Number(child.pid));
    await once(child, "exit");
  }
});
