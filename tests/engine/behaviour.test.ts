import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "./index";
import { openEngine } from "./index";
import type { Program, Project } from "./project";
import { makeProject } from "./project";

let project: Project;
let engine: Engine;
const lines: string[] = [];

beforeEach(async () => {
  project = await makeProject();
  engine = await openEngine({ projectDir: project.folder, log: (line) => lines.push(line) });
}, 60_000);

afterEach(async () => {
  await engine.close();
  await project.remove();
  lines.length = 0;
}, 60_000);

async function filesIn(folder: string): Promise<string[]> {
  const paths = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  const kinds = await Promise.all(paths.map((path) => stat(path)));
  return paths.filter((_, index) => kinds[index]?.isFile());
}

test("the first line names the engine", () => {
  expect(lines[0]).toBe(`engine: ${engine.name} ${engine.version}`);
});

test("many resources are created at the same time, and waiting dependents block no others", async () => {
  const resources: Program["resources"] = {};
  const numbers = Array.from({ length: 20 }, (_, number) => number);
  for (const i of numbers) resources[`first-${i}`] = { type: "Probe", args: { label: `first-${i}` } };
  for (const i of numbers) {
    resources[`second-${i}`] = {
      type: "Probe",
      args: { label: `second-${i}`, of: `\${first-${19 - i}.id}` },
    };
  }
  await project.declare({ resources });
  expect((await engine.up()).changes).toEqual({ create: 41 });
  expect((await engine.up()).changes).toEqual({ same: 41 });
  expect((await engine.destroy()).changes).toEqual({ delete: 41 });
  expect((await engine.export()).deployment.resources).toBeUndefined();
}, 180_000);

test("no file with state contains a secret in plain text", async () => {
  await engine.setConfig("probe:password", "the configured one", { secret: true });
  const args = { label: "a", value: { secret: "the given one" } };
  await project.declare({ resources: { a: { type: "Probe", args } }, exports: { token: "${a.token}" } });
  const { outputs } = await engine.up();
  expect(outputs["token"]).toEqual({ value: "token of a-1 1", secret: true });
  await engine.refresh();
  const files = await filesIn(engine.stateFolder);
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8")));
  // The state, the previous one, and the copies that Pulumi keeps of each operation.
  expect(texts.filter((text) => text.includes('"ciphertext"')).length).toBeGreaterThanOrEqual(4);
  for (const secret of ["the configured one", "the given one", "token of a-1 1"]) {
    expect(files.filter((_, index) => texts[index]?.includes(secret))).toEqual([]);
  }
}, 180_000);

test("a duplicate name is rejected", async () => {
  const args = { label: "a" };
  await project.declare({ resources: { a: { type: "Probe", args }, b: { type: "Probe", name: "a", args } } });
  await expect(engine.up()).rejects.toThrow(/Duplicate resource URN '.*::a'/);
}, 180_000);
