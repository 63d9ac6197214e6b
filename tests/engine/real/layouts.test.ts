/** The package managers and module systems of docs/layouts.md: each installs the packed package, and a program creates, refreshes and deletes. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { devDependencies } from "../../../package.json";
import { documented, table } from "../../docs";
import { pack, removeFolder, temporaryFolder, writeFiles } from "../../package/project";
import { configureStack, orFail, shellIn } from "./shell";

let folder: string;
let tarball: string;
let emulator: Emulator;
beforeAll(async () => {
  folder = await temporaryFolder();
  tarball = await pack(folder);
  emulator = await startEmulator();
});
afterAll(async () => {
  await emulator.close();
  await removeFolder(folder);
});

const declares = `
const deployer = new keycard.ServiceAccount("deployer");
const key = new keycard.ServiceAccountCredential("key", { serviceAccountId: deployer.id });
`;
const asModule = `import * as keycard from "pulumi-keycard";${declares}export const clientId = key.clientId;`;
const asCommonJs = `const keycard = require("pulumi-keycard");${declares}exports.clientId = key.clientId;`;

interface Layout {
  /** What a user needs beside the package, as docs/layouts.md says. */
  needs: string;
  /** The command that installs. */
  install?: string;
  /** The program's file. */
  main?: string;
  program?: string;
  packageJson?: object;
  dependencies?: Record<string, string>;
  /** Further lines of Pulumi.yaml. */
  runtime?: string;
  /** Where Pulumi.yaml is, below the folder in which the command installs. */
  below?: string;
  files?: Record<string, string | object>;
}

// Yarn 4 refuses to write its first lockfile where the variable CI is set.
const yarnrc = "enableTelemetry: false\nenableImmutableInstalls: false\n";
const typescript = { typescript: devDependencies.typescript, "@types/node": devDependencies["@types/node"] };
const tsx = { tsx: devDependencies.tsx };

const LAYOUTS: Record<string, Layout> = {
  "npm, TypeScript": { needs: "`typescript` 5 and `@types/node`, as `pulumi new typescript` installs them" },
  "npm, JavaScript as CommonJS": { needs: "", main: "index.js", program: asCommonJs, dependencies: {} },
  "npm, JavaScript as ES modules": {
    needs: '`"type": "module"` in `package.json`',
    main: "index.js",
    packageJson: { type: "module" },
    dependencies: {},
  },
  "npm, TypeScript as ES modules": {
    needs:
      '`"type": "module"` in `package.json`, `"module": "nodenext"` in `tsconfig.json`, the package `tsx`, and in `Pulumi.yaml` `nodeargs: "--import tsx"`',
    packageJson: { type: "module" },
    dependencies: { ...typescript, ...tsx },
    runtime: 'runtime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: "--import tsx"\n',
    files: { "tsconfig.json": { compilerOptions: { module: "nodenext", target: "es2022" } } },
  },
  "npm, tsx in place of ts-node": {
    needs: 'the package `tsx`, and in `Pulumi.yaml` `typescript: false` and `nodeargs: "--import tsx"`',
    dependencies: tsx,
    runtime: 'runtime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: "--import tsx"\n',
  },
  "npm workspaces": {
    needs: "nothing, whether the workspace or the root lists the package",
    below: "infra",
    files: { "package.json": { private: true, workspaces: ["infra"] } },
  },
  pnpm: { needs: "", install: "npx --yes pnpm@10 install" },
  "Yarn 1": { needs: "", install: "npx --yes yarn@1 install" },
  "Yarn 4 with `nodeLinker: node-modules`": {
    needs: "`nodeLinker: node-modules` in `.yarnrc.yml`",
    install: "npx --yes -p @yarnpkg/cli-dist@4 yarn install",
    files: { ".yarnrc.yml": `nodeLinker: node-modules\n${yarnrc}`, "yarn.lock": "" },
  },
  "`bun install`": {
    needs: "`runtime: nodejs`; Pulumi's runtime `bun` was not tried",
    install: "npx --yes bun@1 install",
  },
};

test.each(Object.entries(LAYOUTS))(
  "%s",
  async (name, layout) => {
    const root = join(folder, name.replace(/\W+/g, "-"));
    const project = join(root, layout.below ?? "");
    const main = layout.main ?? "index.ts";
    const backend = join(root, "backend");
    await mkdir(backend, { recursive: true });
    await writeFiles(root, layout.files ?? {});
    await writeFiles(project, {
      "package.json": {
        ...{ name: "infra", main, ...layout.packageJson },
        dependencies: {
          "@pulumi/pulumi": devDependencies["@pulumi/pulumi"],
          "pulumi-keycard": `file:${tarball}`,
          ...(layout.dependencies ?? typescript),
        },
      },
      "Pulumi.yaml": `name: infra\n${layout.runtime ?? "runtime: nodejs\n"}`,
      [main]: layout.program ?? asModule,
    });
    const env = { PULUMI_BACKEND_URL: `file://${backend}` };
    await orFail(shellIn(root, env))(layout.install ?? "npm install --prefer-offline --no-audit --no-fund");
    const run = orFail(shellIn(project, env));
    await run("pulumi stack init dev");
    await configureStack(run, emulator, "emulator");
    expect(await run("pulumi up --yes --skip-preview")).toContain("+ 3 created");
    expect(await run("pulumi stack output clientId")).not.toBe("");
    expect(await run("pulumi refresh --yes --skip-preview")).toContain("3 unchanged");
    expect(await run("pulumi destroy --yes --skip-preview")).toContain("- 3 deleted");
  },
  180_000,
);

test("docs/layouts.md lists what was tried, and what each needs", async () => {
  const rows = Object.entries(LAYOUTS).map(([name, { needs }]) => [name, needs || "nothing"]);
  await documented("layouts.md", "layouts", table(["layout", "needs"], rows));
});

test("Yarn's Plug'n'Play is not supported by Pulumi, which says that its SDK is missing", async () => {
  const root = join(folder, "pnp");
  await writeFiles(root, {
    "package.json": {
      ...{ name: "infra", main: "index.js" },
      dependencies: {
        "@pulumi/pulumi": devDependencies["@pulumi/pulumi"],
        "pulumi-keycard": `file:${tarball}`,
      },
    },
    "Pulumi.yaml": "name: infra\nruntime: nodejs\n",
    "index.js": asCommonJs,
    ".yarnrc.yml": yarnrc,
    "yarn.lock": "",
    "backend/.keep": "",
  });
  const sh = shellIn(root, { PULUMI_BACKEND_URL: `file://${join(root, "backend")}` });
  expect(await sh("npx --yes -p @yarnpkg/cli-dist@4 yarn install")).toMatchObject({ code: 0 });
  await sh("pulumi stack init dev");
  const { code, stdout } = await sh("pulumi preview");
  expect(code).not.toBe(0);
  expect(stdout).toContain("Cannot find module '@pulumi/pulumi");
}, 180_000);
