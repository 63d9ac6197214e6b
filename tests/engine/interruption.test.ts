import { Gate } from "./gate";
import { change, probes, scenario } from "./scenario";

scenario(
  "an interrupted update ends what it has begun, begins nothing more, and the next one goes on",
  "interrupt",
  async (recording) => {
    const { project } = recording;
    const gate = await Gate.open();
    recording.name(gate.url, "gate");
    const interruptUp = () =>
      recording.interruptUp(
        () => gate.arrivals(1),
        () => gate.release(),
      );
    await project.declare(probes({ a: { waitFor: { create: gate.url } }, b: { of: "${a.id}" } }));
    await interruptUp();
    await recording.up();
    const a = { waitFor: { create: gate.url }, place: "elsewhere" };
    await project.declare(probes({ a, b: { of: "${a.id}" } }));
    await interruptUp();
    const failing = { ...a, waitFor: { update: gate.url }, fail: "update" };
    await project.declare(probes({ a: failing, b: { of: "${a.id}" } }));
    await interruptUp();
    await project.declare(probes({ a, b: { of: "${a.id}" } }));
    await recording.up();
    gate.close();
  },
);

scenario(
  "a killed update leaves in the state what it was doing, and the next one warns of it and goes on",
  "kill",
  async (recording) => {
    const { project } = recording;
    const gate = await Gate.open();
    recording.name(gate.url, "gate");
    const d = { of: "${b.id}", waitFor: { delete: gate.url } };
    await change(project, (world) => (world["x-1"] = { inputs: { label: "x" }, serial: 5 }));
    await project.declare(probes({ b: {}, d }));
    await recording.up();
    const a = { value: { secret: "hidden" } };
    const waiting = probes({
      b: { waitFor: { update: gate.url } },
      a: { ...a, waitFor: { create: gate.url } },
      d,
    });
    const args = { waitFor: { read: gate.url } };
    waiting.resources["x"] = { type: "Probe", args, options: { id: "x-1" } };
    await project.declare(waiting);
    await recording.killUp(() => gate.arrivals(3));
    await project.declare(probes({ b: {}, a: { ...a, of: "${b.id}" } }));
    await recording.killUp(() => gate.arrivals(1));
    await recording.refresh();
    await recording.preview();
    const released = gate.arrivals(1).then(() => gate.release());
    await recording.up();
    await released;
    await recording.destroy();
    gate.close();
  },
);
