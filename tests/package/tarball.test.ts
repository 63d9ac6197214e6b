/** The packed tarball in a fresh project, as users have it: in CommonJS and ES modules, under strict types. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import path from "node:path";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { devDependencies } from "../../package.json";
import { openEngine } from "../engine";
import type { Outcome } from "../engine";
import { configure } from "../engine/keycard";
import { command, install, pack, removeFolder, temporaryFolder, writeFiles } from "./project";

const NODE_VERSIONS = ["20", "22", "24"];

const declares = `
const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });
const key = new keycard.ServiceAccountCredential("deployer-key", { serviceAccountId: deployer.id });
new keycard.ExclusiveCredentials("only", { serviceAccountId: deployer.id, credentialIds: [key.id] });
`;

let folder: string;
let project: string;
let tarball: string;
let emulator: Emulator;

beforeAll(async () => {
  folder = await temporaryFolder();
  project = path.join(folder, "project");
  tarball = await pack(folder);
  await writeFiles(project, { "package.json": { name: "fresh", private: true } });
  await install(
    project,
    tarball,
    ...(["@pulumi/pulumi", "typescript", "@types/node"] as const).map(
      (name) => `${name}@${devDependencies[name]}`,
    ),
    ...NODE_VERSIONS.map((version) => `types-node-${version}@npm:@types/node@${version}`),
  );
  emulator = await startEmulator();
}, 300_000);

afterAll(async () => {
  await emulator.close();
  await removeFolder(folder);
});

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

test("contains what users need, and nothing of the tests or the examples", async () => {
  const { stdout } = await command(
    path.join(__dirname, "../.."),
    "npm",
    "pack",
    "--dry-run",
    "--json",
    "--ignore-scripts",
  );
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = files.map((file) => file.path);
  expect(paths.filter((name) => !/^dist\/(provider|sdk)\/.*\.(js|d\.ts)$/.test(name)).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "THIRD-PARTY-NOTICES",
    "docs/adopt.md",
    "docs/bad-input.md",
    "docs/drift.md",
    "docs/drift.schema.json",
    "docs/emulator.md",
    "docs/faults.md",
    "docs/images/drift.svg",
    "docs/images/preview.svg",
    "docs/images/rotation.svg",
    "docs/layouts.md",
    "docs/reference.md",
    "docs/rotation.md",
    "docs/testing.md",
    "docs/troubleshooting.md",
    "package.json",
  ]);
});

test("works in the README's TypeScript program", async () => {
  const readme = await readFile(path.join(__dirname, "../../README.md"), "utf8");
  await writeFiles(project, {
    "package.json": { name: "fresh", private: true, main: "index.ts" },
    "Pulumi.yaml": "name: fresh\nruntime: nodejs\n",
    "tsconfig.json": { compilerOptions: { strict: true, target: "ES2022", module: "node16" } },
    "index.ts": String(/```ts\n(.*?)```/s.exec(readme)?.[1]),
  });
  const { changes, outputs } = await upAndDestroy();
  expect(changes["create"]).toBe(3);
  expect(outputs).toMatchObject({ clientId: { secret: false }, clientSecret: { secret: true } });
});

/** Returns the README's example of lookups; lookupsInPrograms.test.ts runs it. */
async function readmeLookups(): Promise<string> {
  const readme = await readFile(path.join(__dirname, "../../README.md"), "utf8");
  return String(/### Look up accounts and credentials\n+```ts\n(.*?)```/s.exec(readme)?.[1]);
}

test("the example in docs/emulator.md prints what the page shows", async () => {
  const page = await readFile(path.join(__dirname, "../../docs/emulator.md"), "utf8");
  await writeFiles(project, {
    "package.json": { name: "fresh", private: true },
    "page.mjs": String(/```js\n(.*?)```/s.exec(page)?.[1]),
  });
  const { stdout, stderr } = await command(project, "node", "page.mjs");
  expect(stdout).toBe(/```text\n(.*?)```/s.exec(page)?.[1]);
  expect(stderr).toBe("");
});

test.each([
  [
    "CommonJS",
    "commonjs",
    'const keycard = require("pulumi-keycard");',
    "exports.clientSecret = key.clientSecret;",
  ],
  [
    "ES modules",
    "module",
    'import * as keycard from "pulumi-keycard";',
    "export const { clientSecret } = key;",
  ],
])("works in a program of %s", async (_name, type, importing, exporting) => {
  await writeFiles(project, {
    "package.json": { name: "fresh", private: true, type, main: "index.js" },
    "Pulumi.yaml": "name: fresh\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
    "index.js": `${importing}${declares}${exporting}`,
  });
  const { changes, outputs } = await upAndDestroy();
  expect(changes["create"]).toBe(4);
  expect(outputs["clientSecret"]?.secret).toBe(true);
});

describe("its types", () => {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    target: "ES2022",
  };
  const program = `
import * as pulumi from "@pulumi/pulumi";
import * as keycard from "pulumi-keycard";
import { KeycardAPI, NotFoundError } from "pulumi-keycard/sdk";
import { startEmulator } from "pulumi-keycard/emulator";
${declares}
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

  test.each([
    ["CommonJS and ES modules", { module: "nodenext" }, ["program.cts", "program.mts", "lookups.mts"]],
    ["Pulumi's older templates", { module: "commonjs", moduleResolution: "node10" }, ["program.ts"]],
  ])("are sound in %s, without skipLibCheck", async (_name, options, files) => {
    await writeFiles(project, {
      "package.json": { name: "fresh", private: true },
      "tsconfig.json": { compilerOptions: { ...strict, ...options, types: ["node"] }, files },
      ...Object.fromEntries(files.map((file) => [file, program])),
      "lookups.mts": `import * as keycard from "pulumi-keycard";\n${await readmeLookups()}`,
    });
    await command(project, "node", "node_modules/typescript/bin/tsc", "-p", ".");
  });
});

test("its types are sound under every target, module and version of @types/node that users have", async () => {
  for (const version of NODE_VERSIONS) {
    await mkdir(path.join(project, `types-${version}`));
    await symlink(
      path.join(project, `node_modules/types-node-${version}`),
      path.join(project, `types-${version}/node`),
    );
  }
  await writeFiles(project, {
    "program.ts": `
import * as keycard from "pulumi-keycard";
import { KeycardAPI } from "pulumi-keycard/sdk";
import { startEmulator } from "pulumi-keycard/emulator";
${declares}
export const { clientSecret } = key;
export const start = async () => new KeycardAPI({ baseURL: (await startEmulator()).endpoint });
`,
  });
  const script = path.join(__dirname, "checkTypes.js");
  const { stdout } = await command(project, "node", script, "program.ts", ...NODE_VERSIONS);
  const results = stdout.trim().split("\n");
  expect(results.filter((line) => !line.endsWith(": sound"))).toEqual([]);
  expect(results.length).toBe(24);
});

test("installing it adds one package", async () => {
  const empty = path.join(folder, "empty");
  await writeFiles(empty, { "package.json": { name: "empty", private: true } });
  const { stdout } = await command(empty, "npm", "install", "--omit=peer", "--json", tarball);
  expect(JSON.parse(stdout)).toMatchObject({ added: 1 });
  const files = await readdir(path.join(empty, "node_modules"), { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => stat(path.join(file.parentPath, file.name)));
  const bytes = (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeLessThan(5e6);
});

test("the provider loads little of its own, and neither the emulator nor the command line", async () => {
  const loaded = `
    require("@pulumi/pulumi");
    const before = new Set(Object.keys(require.cache));
    for (const name of ["pulumi-keycard", "pulumi-keycard/host", "pulumi-keycard/sdk"]) require(name);
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
    expect(Object.keys(settings).sort()).toEqual(
      ["endpoint", "organizationId", "organizationLabel", "clientId", "clientSecret", "apiKey"].sort(),
    );
  } finally {
    // npx runs it in a shell: the whole group ends.
    process.kill(-Number(child.pid));
    await once(child, "exit");
  }
});
