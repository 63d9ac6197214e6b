/** The native provider with the Pulumi CLI: see docs/native.md. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { keycardOf } from "../keycard";
import { useShellProject } from "./shell";

const NO_CHANGES = "pulumi preview --expect-no-changes --non-interactive";

const { emulator, project } = useShellProject();

const install = () => project.run("node_modules/.bin/pulumi-keycard plugin install");

/** Returns the files in the project's back end that contain a text. */
async function filesWith(text: string): Promise<string[]> {
  const { stdout } = await project.sh(`cd .pulumi && grep -rlF -- '${text}' *`);
  return stdout.split("\n").filter(Boolean);
}

/** Writes the program, which has the resources' classes as `keycard`. */
async function declare(code: string, entry = "pulumi-keycard/native"): Promise<void> {
  const program = `const keycard = require("${entry}");\n${code}\n`;
  await writeFile(path.join(project.folder, "index.js"), program);
}

interface State {
  deployment: { resources: { type: string; id: string; inputs: object; outputs: Record<string, unknown> }[] };
}

/** Returns the resources of a type in the state. */
async function stored(type: string) {
  const { deployment } = JSON.parse(await project.run("pulumi stack export")) as State;
  return deployment.resources.filter((one) => one.type === `keycard:index:${type}`);
}

const pair = (name: string, account = "deployer") => `
const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys" });
const other = new keycard.ServiceAccount("other");
const key = new keycard.ServiceAccountCredential("key", { name: "${name}", serviceAccountId: ${account}.id });
const user = new keycard.ServiceAccount("user", { name: key.clientId });
exports.found = keycard.getServiceAccountOutput({ id: deployer.id }).name;
exports.clientSecret = key.clientSecret;`;

test("up, rename, replacement, refresh and destroy: previews show only what changes", async () => {
  await install();
  expect(await project.run("pulumi plugin ls")).toMatch(/keycard +resource/);
  await project.run("pulumi config set --plaintext keycard:clientSecret", emulator.clientSecret);
  expect(await project.run("pulumi config get keycard:clientSecret")).toBe(`${emulator.clientSecret}\n`);
  expect(await project.run("cat Pulumi.*.yaml")).toContain(emulator.clientSecret);
  await declare(pair("key"));
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("+ 5 created");
  expect(await project.run("pulumi stack output found")).toBe("deployer\n");
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
  const clientSecret = (await project.run("pulumi stack output clientSecret --show-secrets")).trim();
  const state = await project.run("pulumi stack export");
  expect([state.includes(clientSecret), state.includes(emulator.clientSecret)]).toEqual([false, false]);
  expect(await filesWith(clientSecret)).toEqual([]);
  // Pulumi's history of updates contains the configuration as it is written: docs/native.md warns of this.
  const recorded = await filesWith(emulator.clientSecret);
  expect(recorded.map((file) => file.split("/")[0])).toEqual(["history"]);

  await declare(pair("ci"));
  const preview = await project.run("pulumi preview --diff --non-interactive");
  expect(preview).toContain('~ name: "key" => "ci"');
  expect(preview).toMatch(/~ 1 to update\n\s+4 unchanged/);
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("~ 1 updated");
  expect(await project.run("pulumi stack output clientSecret --show-secrets")).toBe(`${clientSecret}\n`);
  expect(await project.run("pulumi refresh --yes --skip-preview")).toContain("5 unchanged");

  await declare(pair("ci", "other"));
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("+-1 replaced");
  expect(await project.run("pulumi destroy --yes --skip-preview")).toContain("- 5 deleted");
  expect((await keycardOf(emulator).list(emulator.organizationId)).items).toEqual([]);
}, 360_000);

test("objects are imported by their IDs, and a program that declares them changes nothing", async () => {
  await install();
  const keycard = keycardOf(emulator);
  const account = await keycard.create(emulator.organizationId, { name: "by hand" });
  const place = { organization_id: emulator.organizationId };
  const credential = await keycard.credentials.create(account.id, { ...place, name: "its key" });
  // The command fails after the import: the tests' language host does not write programs.
  const doImport = (type: string, name: string, id: string) =>
    project.sh(`pulumi import keycard:index:${type} ${name} ${id} --yes --skip-preview --protect=false`);
  expect((await doImport("ServiceAccount", "hand", account.id)).stdout).toContain("= 1 imported");
  const imported = await doImport("ServiceAccountCredential", "key", `${account.id}/${credential.id}`);
  expect(imported.stdout).toContain("= 1 imported");
  expect(imported.stdout).toContain("warning: The imported credential has no clientSecret");
  expect(await stored("ServiceAccountCredential")).toMatchObject([{ id: credential.id }]);
  await declare(`
const hand = new keycard.ServiceAccount("hand", { name: "by hand" });
new keycard.ServiceAccountCredential("key", { name: "its key", serviceAccountId: hand.id });`);
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("3 unchanged");
}, 360_000);

test("a stack moves from dynamic to native resources without a change, and back with its saved state", async () => {
  const all = `
const deployer = new keycard.ServiceAccount("deployer");
const key = new keycard.ServiceAccountCredential("key", { serviceAccountId: deployer.id });
const nightly = new keycard.RotatingCredential("nightly", { serviceAccountId: deployer.id, rotateAfter: "30d" });
new keycard.ExclusiveCredentials("only", { serviceAccountId: deployer.id, credentialIds: [key.id]  });`;
  await declare(all, "pulumi-keycard");
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("+ 5 created");
  await project.run("pulumi stack export --file state.json");
  expect(await project.run("pulumi plugin ls")).not.toMatch(/keycard +resource/);
  await install();
  await declare(all);
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("5 unchanged");
  await project.run("pulumi refresh --yes --skip-preview");
  expect(await project.run("pulumi stack export")).not.toContain("__provider");
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
  expect((await stored("RotatingCredential")).length).toBe(1);

  await declare(all, "pulumi-keycard");
  const back = await project.run("pulumi preview --non-interactive");
  expect(back).toMatch(/\+ 4 to create\n\s+- 4 to delete/);
  await project.run("pulumi stack import --file state.json");
  expect((await project.sh(NO_CHANGES)).code).toBe(0);
}, 360_000);

test("two providers with settings of their own serve one program", async () => {
  await install();
  const second = await startEmulator();
  try {
    await declare(`
const { endpoint, clientId, clientSecret, organizationId } = ${JSON.stringify(second)};
const provider = new keycard.Provider("second", { endpoint, clientId, clientSecret, organizationId, timeout: 30 });
new keycard.ServiceAccount("here");
new keycard.ServiceAccount("there", {}, { provider });`);
    expect(await project.run("pulumi up --yes --skip-preview")).toContain("+ 4 created");
    const names = async (one: Emulator) =>
      (await keycardOf(one).list(one.organizationId)).items.map(({ name }) => name);
    expect([await names(emulator), await names(second)]).toEqual([["here"], ["there"]]);
    expect(await project.run("pulumi stack export")).not.toContain(second.clientSecret);
  } finally {
    await second.close();
  }
}, 360_000);

test("without the plugin, a warning beside Pulumi's error names the command that installs it", async () => {
  await declare('new keycard.ServiceAccount("deployer");');
  const preview = () => project.sh("pulumi preview --non-interactive");
  const without = await preview();
  expect(without.code).not.toBe(0);
  expect(without.stdout).toContain("error: Could not automatically download and install resource plugin");
  const [, command] = /If Pulumi cannot find it, run: npx (.*)$/m.exec(without.stdout) ?? [];
  await project.run(`node_modules/.bin/${command}`);
  const installed = await preview();
  expect(installed.stdout).toMatch(/\+ 2 to create/);
  expect(installed.stdout).not.toContain("is not installed");
}, 360_000);
