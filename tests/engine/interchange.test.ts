import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { goldenPath } from "./golden";
import type { Deployment, Engine } from "./index";
import { openEngine } from "./index";
import type { Project } from "./project";
import { makeProject } from "./project";

let project: Project;
let engine: Engine;

beforeEach(async () => {
  project = await makeProject();
  await project.declare({
    resources: {
      a: { type: "Probe", args: { label: "a", value: { secret: "hidden" } } },
      b: { type: "Probe", args: { label: "b", of: "${a.id}" } },
      pet: { type: "RandomPet", args: { prefix: "${a.token}" } },
    },
    exports: { token: "${a.token}" },
  });
  engine = await openEngine({ projectDir: project.folder });
  await engine.setConfig("probe:password", "hush", { secret: true });
}, 60_000);

afterEach(async () => {
  await engine.close();
  await project.remove();
}, 60_000);

/** Writes down what this engine exports, for the other one to take over. */
async function record() {
  await engine.up();
  const deployment = await engine.export();
  const text = JSON.stringify(deployment, leaveOut(["sourcePosition", "stackTrace"]), 2);
  await writeFile(goldenPath(`state.${engine.name}`), `${text}\n`);
}

// Where the program was on the machine that recorded it.
function leaveOut(keys: string[]) {
  return (key: string, value: unknown) => (keys.includes(key) ? undefined : value);
}

if (process.env["UPDATE_GOLDEN"]) test("the state is recorded", record, 180_000);

test.each(["pulumi", "stand-in"])(
  "a stack that %s wrote is read, found unchanged, and destroyed",
  async (author) => {
    const state = JSON.parse(await readFile(goldenPath(`state.${author}`), "utf8")) as Deployment;
    const world = {
      "a-1": { inputs: { label: "a", value: "hidden", checked: true }, serial: 1 },
      "b-2": { inputs: { label: "b", of: "a-1", checked: true }, serial: 1 },
    };
    await writeFile(join(project.folder, "world.json"), JSON.stringify(world));
    await engine.import(state);
    expect((await engine.refresh()).changes).toEqual({ same: 4 });
    const { changes, outputs } = await engine.up();
    expect(changes).toEqual({ same: 4 });
    expect(outputs).toEqual({ token: { value: "token of a-1 1", secret: true } });
    expect((await engine.destroy()).changes).toEqual({ delete: 4 });
  },
  180_000,
);
