/** Users' projects beside Pulumi's plain ones: bundles, and tests of programs. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build, transform } from "esbuild";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { devDependencies } from "../../package.json";
import { openEngine } from "../engine";
import { configure } from "../engine/keycard";
import { command, install, pack, removeFolder, temporaryFolder, writeFiles } from "./project";

let folder: string;
let emulator: Emulator;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFiles(folder, {
    "package.json": { name: "bundled", private: true, main: "bundle.js" },
    "Pulumi.yaml": "name: bundled\nruntime:\n  name: nodejs\n  options: { typescript: false }\n",
    "index.ts": `
import * as keycard from "pulumi-keycard";
const deployer = new keycard.ServiceAccount("deployer");
const key = new keycard.ServiceAccountCredential("key", { serviceAccountId: deployer.id });
export const found = keycard.getServiceAccountOutput({ id: deployer.id }).name;
export const clientSecret = key.clientSecret;
`,
    "lambda.ts": `
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
`,
  });
  await install(
    folder,
    await pack(folder),
    ...["@pulumi/pulumi@" + devDependencies["@pulumi/pulumi"], "jest@" + devDependencies.jest, "vitest@4"],
  );
  emulator = await startEmulator();
}, 300_000);

afterAll(async () => {
  await emulator.close();
  await removeFolder(folder);
});

describe.each([
  ["with packages external", "external"],
  ["with all packages in it but Pulumi's", "bundle"],
] as const)("a bundle %s", (_, packages) => {
  const bundle = (entry: string) =>
    build({
      absWorkingDir: folder,
      entryPoints: [entry],
      outfile: "bundle.js",
      bundle: true,
      platform: "node",
      packages,
      // Pulumi's SDK loads TypeScript from a path beside its own file.
      external: ["@pulumi/pulumi"],
      logLevel: "error",
    });

  test("runs as a Pulumi program", async () => {
    await bundle("index.ts");
    const engine = await openEngine({ projectDir: folder });
    await configure(engine, emulator);
    const { outputs, changes } = await engine.up();
    await engine.destroy();
    await engine.close();
    expect(changes).toEqual({ create: 3 });
    expect(outputs).toMatchObject({ found: { value: "deployer" }, clientSecret: { secret: true } });
  });

  test("runs the client and the emulator", async () => {
    await bundle("lambda.ts");
    expect(await command(folder, "node", path.join(folder, "bundle.js"))).toEqual({
      stdout: "made in a bundle true\n",
      stderr: "",
    });
  });
});

describe("the test in docs/testing.md", () => {
  const files: Record<string, string> = {};

  beforeAll(async () => {
    const page = await readFile(path.join(__dirname, "../../docs/testing.md"), "utf8");
    for (const [, name = "", code = ""] of page.matchAll(/```[jt]s (\S+)\n(.*?)```/gs)) files[name] = code;
    const { code } = await transform(String(files["index.ts"]), { loader: "ts", format: "cjs" });
    await writeFiles(path.join(folder, "jest"), {
      "index.js": code,
      "index.test.js": String(files["index.test.js"]),
    });
    const { "index.test.ts": test = "", "index.ts": program = "" } = files;
    await writeFiles(path.join(folder, "vitest"), { "index.ts": program, "index.test.ts": test });
  });

  test.each([
    ["Jest", ["jest", "--rootDir", "jest"]],
    ["Vitest", ["vitest", "run", "--root", "vitest"]],
  ])("passes in %s, without a flag", async (_, args) => {
    const { stdout, stderr } = await command(folder, "npx", ...args);
    expect(stdout + stderr).toMatch(/Tests:? .*1 passed/);
    expect(stdout + stderr).not.toMatch(/warning/i);
  });
});
