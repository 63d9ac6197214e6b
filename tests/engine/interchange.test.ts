/** Each engine continues with a state that the other one has written. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decrypted } from "./decrypted";
import type { Deployment, Engine } from "./index";
import { chooseEngine, openers } from "./index";
import type { Project } from "./project";
import { makeProject } from "./project";

const recording = join(__dirname, "golden", "state.json");

let project: Project;
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
}, 60_000);
afterEach(() => project.remove());

async function open(name: Engine["name"]): Promise<Engine> {
  const engine = await openers[name]({ projectDir: project.folder });
  await engine.setConfig("probe:password", "hush", { secret: true });
  return engine;
}

/** Returns the state that an engine writes, without paths of this machine. */
async function write(name: Engine["name"]): Promise<Deployment> {
  const engine = await open(name);
  try {
    await engine.up();
    const text = JSON.stringify(await engine.export(), (key, value: unknown) =>
      ["sourcePosition", "stackTrace"].includes(key) ? undefined : value,
    );
    return JSON.parse(text) as Deployment;
  } finally {
    await engine.close();
  }
}

/** Returns the state of the real engine: the present one, which must equal the recording, or else the recorded one. */
async function realState(): Promise<Deployment> {
  const isReal = (await chooseEngine()) === "pulumi";
  const live = isReal ? await write("pulumi") : undefined;
  if (live && process.env["UPDATE_GOLDEN"]) await writeFile(recording, `${JSON.stringify(live)}\n`);
  const recorded = JSON.parse(await readFile(recording, "utf8")) as Deployment;
  if (live) expect(shape(live)).toEqual(shape(recorded));
  return live ?? recorded;
}

/** Returns the resources of a state in the order of their URNs, with decrypted secrets and without generated values. */
function shape(deployment: Deployment) {
  const generated = /random|pulumi:providers/;
  const resources = decrypted(deployment).sort((a, b) => (a.urn < b.urn ? -1 : 1));
  return resources.map(({ id, outputs, ...resource }) => {
    if (generated.test(resource.type)) return { ...resource, outputs: Object.keys(outputs).sort() };
    return { id, outputs, ...resource };
  });
}

async function expectContinues(by: Engine["name"], state: Deployment) {
  const objects = {
    "a-1": { inputs: { label: "a", value: "hidden", checked: true }, serial: 1 },
    "b-2": { inputs: { label: "b", of: "a-1", checked: true }, serial: 1 },
  };
  await writeFile(join(project.folder, "objects.json"), JSON.stringify(objects));
  const engine = await open(by);
  try {
    await engine.import(state);
    expect((await engine.refresh()).changes).toEqual({ same: 4 });
    const { changes, outputs } = await engine.up();
    expect(changes).toEqual({ same: 4 });
    expect(outputs).toEqual({ token: { value: "token of a-1 1", secret: true } });
    expect((await engine.destroy()).changes).toEqual({ delete: 4 });
  } finally {
    await engine.close();
  }
}

test("the stand-in continues with the real engine's state: refreshes, finds no change, and destroys", async () => {
  await expectContinues("stand-in", await realState());
}, 180_000);

test("the engine of this run continues with the stand-in's state", async () => {
  await expectContinues(await chooseEngine(), await write("stand-in"));
}, 180_000);
