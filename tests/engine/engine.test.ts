import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { keycardOf } from "./keycard";
import type { Program } from "./project";
import { change, probes, scenario } from "./scenario";

scenario(
  "a stack is planned, made, left alone, changed in place, partly replaced, reduced and destroyed",
  "life",
  async (recording) => {
    const { project } = recording;
    const exports = { token: "${b.token}", serials: ["${a.serial}", "${b.serial}"] };
    await project.declare(probes({ a: { value: { secret: "hidden" } }, b: { of: "${a.id}" } }, { exports }));
    await recording.preview();
    await recording.up();
    await recording.up();
    await project.declare(
      probes({ a: { value: "in clear" }, b: { of: "${a.id}", serial: "${a.serial}" } }, { exports }),
    );
    await recording.preview();
    await recording.up();
    await project.declare(probes({ a: { place: "elsewhere" }, b: { of: "${a.id}" } }, { exports }));
    await recording.preview();
    await recording.up();
    await project.declare(probes({ a: { place: "elsewhere" } }));
    await recording.up();
    await recording.destroy();
  },
);

scenario(
  "a refresh finds what was changed and what is gone, and the next update repairs it",
  "drift",
  async (recording) => {
    const { project } = recording;
    await project.declare(probes({ a: { value: 1 }, b: { of: "${a.id}" }, c: { of: "${b.id}" } }));
    await recording.up();
    await change(project, (world) => {
      Object.assign(world["a-1"] ?? {}, { inputs: { label: "a", value: 2, checked: true } });
      Object.assign(world["b-2"] ?? {}, { gone: true });
      Object.assign(world["c-3"] ?? {}, { serial: 7 });
    });
    await recording.refresh();
    await recording.preview();
    await recording.up();
  },
);

scenario(
  "what fails stays out of the state, what was done stays in it, and what depends on it is not begun",
  "failures",
  async (recording) => {
    const { project } = recording;
    await project.declare(probes({ a: {}, b: { of: "${a.id}", fail: "create" }, c: { of: "${b.id}" } }));
    await recording.up();
    await project.declare(probes({ a: {}, b: { of: "${a.id}" } }));
    await recording.up();
    await project.declare(probes({ a: {}, b: { of: "${a.id}", fail: "update" } }));
    await recording.up();
    await change(project, (world) => Object.assign(world["b-2"] ?? {}, { fail: "read" }));
    await recording.refresh();
    await change(project, (world) => Object.assign(world["b-2"] ?? {}, { fail: "delete" }));
    await recording.destroy();
  },
);

scenario(
  "a resource that exists but is not well stays in the state, and the next update goes on with it",
  "half-made",
  async (recording) => {
    const { project } = recording;
    await project.declare(probes({ a: { fail: "init" }, b: { of: "${a.id}" } }));
    await recording.up();
    await recording.preview();
    await project.declare(probes({ a: {}, b: { of: "${a.id}" } }));
    await recording.up();
    await project.declare(probes({ a: { fail: "init" }, b: { of: "${a.id}" } }));
    await recording.up();
    await recording.refresh();
    await recording.destroy();
  },
);

scenario(
  "inputs that a provider refuses are told all at once, and nothing is made",
  "refused",
  async (recording) => {
    const { project } = recording;
    await project.declare(
      probes({
        a: { wrong: ["label", "of", "wrong", "nothing", ""], of: { deep: { secret: 1 }, flat: true } },
      }),
    );
    await recording.preview();
    await recording.up();
  },
);

scenario(
  "a program that fails leaves what it declared, and deletes nothing",
  "program-error",
  async (recording) => {
    const { project } = recording;
    await project.declare(probes({ a: {}, b: { of: "${a.id}" } }));
    await recording.up();
    await project.declare(probes({ a: { value: 2 } }, { throws: "the program is at a loss" }));
    await recording.up();
  },
);

scenario(
  "random names and bytes are kept until what they are made of changes",
  "random",
  async (recording) => {
    const { project } = recording;
    const resources = (keeper: string): Program["resources"] => ({
      bytes: { type: "RandomId", args: { byteLength: 4, prefix: "p-", keepers: { keeper } } },
      pet: { type: "RandomPet", args: { length: 2, prefix: "${bytes.hex}" } },
    });
    await project.declare({ resources: resources("one"), exports: { pet: "${pet.id}" } });
    await recording.preview();
    await recording.up();
    await recording.up();
    await project.declare({ resources: resources("two") });
    await recording.up();
    await recording.refresh();
    await recording.destroy();
  },
);

scenario(
  "an existing resource is read by its ID, and not deleted with the stack",
  "read",
  async (recording) => {
    const { project } = recording;
    await change(project, (world) => (world["x-1"] = { inputs: { label: "x" }, serial: 5 }));
    const resources = {
      x: { type: "Probe", options: { id: "x-1" } },
      y: { type: "Probe", options: { id: "y-1" } },
    };
    await project.declare({ resources: { x: resources.x }, exports: { serial: "${x.serial}" } });
    await recording.preview();
    await recording.up();
    await recording.refresh();
    await recording.destroy();
    await project.declare({ resources: { y: resources.y } });
    await recording.up();
  },
);

scenario(
  "changed configuration reaches the provider and changes no resource",
  "configuration",
  async (recording) => {
    const { engine, project } = recording;
    await project.declare(probes({ a: {} }));
    await recording.up();
    await engine.setConfig("probe:password", "louder", { secret: true });
    await recording.up();
    await engine.setConfig("probe:password", "never used", { secret: true });
    await recording.refresh();
    await recording.destroy();
  },
);

scenario(
  "a service account and its credential are made, renamed, replaced, found changed, repaired and destroyed",
  "keycard",
  async (recording) => {
    const { engine, project } = recording;
    const emulator = await startEmulator();
    recording.name(emulator.organizationId, "organization");
    for (const key of ["endpoint", "clientId", "clientSecret", "organizationId"] as const) {
      recording.name(emulator[key], key);
      await engine.setConfig(`keycard:${key}`, emulator[key], { secret: key === "clientSecret" });
    }
    const declare = (description: string, trigger: number) =>
      project.declare({
        resources: {
          deployer: {
            type: "ServiceAccount",
            args: { description },
            options: { replacementTrigger: trigger },
          },
          key: {
            type: "ServiceAccountCredential",
            args: { serviceAccountId: "${deployer.id}", description },
          },
        },
        exports: { clientSecret: "${key.clientSecret}" },
      });
    try {
      await declare("Deploys from CI", 1);
      await recording.preview();
      await recording.up();
      await declare("Deploys from elsewhere", 1);
      await recording.up();
      await declare("Deploys from elsewhere", 2);
      await recording.preview();
      await recording.up();
      await changeByHand(emulator);
      await recording.refresh();
      await recording.up();
      await recording.destroy();
    } finally {
      await emulator.close();
    }
  },
);

/** Gives the account another description, and deletes its credential. */
async function changeByHand(emulator: Emulator) {
  const { organizationId } = emulator;
  const serviceAccounts = keycardOf(emulator);
  const of = { organization_id: organizationId };
  const [account] = (await serviceAccounts.list(organizationId)).items;
  const id = account?.id ?? "";
  const [credential] = (await serviceAccounts.credentials.list(id, of)).items;
  await serviceAccounts.update(id, { ...of, description: "changed by hand" });
  await serviceAccounts.credentials.delete(credential?.id ?? "", { ...of, service_account_id: id });
}
