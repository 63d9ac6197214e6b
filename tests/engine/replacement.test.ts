import { Gate } from "./gate";
import type { Program } from "./project";
import { scenario } from "./scenario";

scenario(
  "a resource is replaced when its replacement trigger has another value, and only then",
  "trigger",
  async (recording) => {
    const { project } = recording;
    const resources = (trigger?: string): Program["resources"] => ({
      a: { type: "Probe", args: { label: "a" }, options: { replacementTrigger: trigger } },
      b: { type: "Probe", args: { label: "b", of: "${a.id}" } },
    });
    await project.declare({ resources: resources("one") });
    await recording.up();
    await project.declare({ resources: resources("two") });
    await recording.preview();
    await recording.up();
    await project.declare({ resources: resources() });
    await recording.up();
  },
);

scenario(
  "a protected resource is neither deleted nor replaced until it is protected no more",
  "protect",
  async (recording) => {
    const { project } = recording;
    const resources = (a: object, protect?: boolean): Program["resources"] => ({
      a: { type: "Probe", args: { label: "a", ...a }, options: { protect } },
      b: { type: "Probe", args: { label: "b", of: "${a.id}" } },
    });
    await project.declare({ resources: resources({}, true) });
    await recording.up();
    await project.declare({ resources: {} });
    await recording.preview();
    await recording.up();
    await project.declare({ resources: resources({ place: "elsewhere" }, true) });
    await recording.preview();
    await recording.up();
    await recording.destroy();
    await project.declare({ resources: resources({ value: 1 }, true) });
    await recording.up();
    await project.declare({ resources: resources({ place: "elsewhere" }, false) });
    await recording.up();
    await recording.destroy();
  },
);

scenario(
  "a resource is deleted before the one that takes its place is made, and what cannot be without it goes first",
  "delete-first",
  async (recording) => {
    const { project } = recording;
    const gate = await Gate.open();
    recording.name(gate.url, "gate");
    const declare = (place: string, waitFor?: object) =>
      project.declare({
        resources: {
          a: {
            type: "Probe",
            args: { label: "a", place, waitFor },
            options: { deleteBeforeReplace: true },
          },
          b: { type: "Probe", args: { label: "b", place: "${a.id}" } },
          c: { type: "Probe", args: { label: "c", place: "${b.id}" } },
          d: { type: "Probe", args: { label: "d", of: "${c.id}" } },
        },
      });
    await declare("here");
    await recording.up();
    await declare("there");
    await recording.preview();
    await declare("there", { create: gate.url });
    await recording.killUp(() => gate.arrivals(1));
    await recording.refresh();
    await declare("elsewhere");
    await recording.up();
    await declare("nowhere", { create: gate.url });
    await recording.killUp(() => gate.arrivals(1));
    await recording.destroy();
    gate.close();
  },
);
