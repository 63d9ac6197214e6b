/** The programs of examples/native with the Pulumi CLI, in the languages for which `npm run engine` has a language host. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { checkout } from "../../package/project";
import { keycardOf, signsIn } from "../keycard";
import type { ShellProject } from "./shell";
import { configureStack, openShellProject } from "./shell";

const NO_CHANGES = "pulumi preview --expect-no-changes --non-interactive";
const UP = "pulumi up --yes --skip-preview";

let emulator: Emulator;
let project: ShellProject;
beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(async () => {
  await project.remove();
  await emulator.close();
});

/** Opens a copy of an example, with the plugin installed. Returns a function that edits a file of it. */
async function open(language: string, file: string) {
  const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" }; // Lint has checked the types.
  project = await openShellProject(env, path.join(checkout, "examples/native", language));
  await configureStack(project.run, emulator, emulator.organizationId);
  await project.run("node_modules/.bin/pulumi-keycard plugin install");
  return async (from: string, to: string) => {
    const program = await readFile(path.join(project.folder, file), "utf8");
    expect(program.split(from)).toHaveLength(2);
    await writeFile(path.join(project.folder, file), program.replace(from, to));
  };
}

async function outputs(): Promise<{ clientId: string; clientSecret: string }> {
  return JSON.parse(await project.run("pulumi stack output --json --show-secrets"));
}

const cases = [
  {
    language: "typescript",
    file: "index.ts",
    before: "export const clientId",
    dependent: 'new keycard.ServiceAccount("user", { description: key.clientSecret });\n',
  },
  {
    language: "yaml",
    file: "Pulumi.yaml",
    before: "outputs:",
    dependent:
      "  user:\n    type: keycard:ServiceAccount\n    properties: { description: '${key.clientSecret}' }\n",
  },
];

test.each(cases)("$language: up, rename, replacement, refresh and destroy", async (one) => {
  const edit = await open(one.language, one.file);
  await edit(one.before, one.dependent + one.before);
  expect(await project.run(UP)).toContain("+ 4 created");
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
  const first = await outputs();
  expect(await signsIn(emulator.endpoint, first)).toBe(true);
  expect(await project.run("pulumi stack export")).not.toContain(first.clientSecret);

  await edit("GitHub Actions", "GitLab");
  const rename = await project.run("pulumi preview --diff --non-interactive");
  expect(rename).toContain('~ name: "GitHub Actions" => "GitLab"');
  expect(rename).toMatch(/~ 1 to update\n\s+3 unchanged/);
  expect(await project.run(UP)).toContain("~ 1 updated");
  expect(await outputs()).toEqual(first);

  await edit('rotation: "1"', 'rotation: "2"');
  expect(await project.run(UP)).toMatch(/~ 1 updated\n\s+\+-1 replaced/);
  expect(await signsIn(emulator.endpoint, await outputs())).toBe(true);
  expect(await signsIn(emulator.endpoint, first)).toBe(false);
  expect(await project.run("pulumi refresh --yes --skip-preview")).toContain("4 unchanged");
  expect(await project.run("pulumi destroy --yes --skip-preview")).toContain("- 4 deleted");
  expect((await keycardOf(emulator).list(emulator.organizationId)).items).toEqual([]);
});

test("yaml: the code that pulumi import prints changes nothing", async () => {
  const edit = await open("yaml", "Pulumi.yaml");
  const keycard = keycardOf(emulator);
  const account = await keycard.create(emulator.organizationId, { name: "by hand", description: "old" });
  const place = { organization_id: emulator.organizationId };
  const credential = await keycard.credentials.create(account.id, { ...place, name: "its key" });
  const imports = [
    `ServiceAccount hand ${account.id}`,
    `ServiceAccountCredential its-key ${account.id}/${credential.id}`,
  ];
  await project.run(UP);
  for (const one of imports) {
    const printed = await project.run(`pulumi import keycard:index:${one} --yes --skip-preview`);
    const [, code = ""] = /^resources:\n((?: .*\n)+)/m.exec(printed) ?? [];
    await edit("outputs:", `${code}outputs:`);
  }
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
  expect(await project.run(UP)).toContain("5 unchanged");
});
