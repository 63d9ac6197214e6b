/** Ctrl-C and `kill -9` in the middle of an update. */
import type { Recording } from "./recording";
import { change, probes, scenarioWithGate } from "./scenario";

scenarioWithGate(
  "an interrupted update finishes what is running and starts nothing else, and the next one continues",
  "interrupt",
  (gate) => {
    const b = { of: "${a.id}" };
    const waiting = { waitFor: { create: gate.url } };
    const a = { ...waiting, place: "elsewhere" };
    const interruptUp = (recording: Recording) =>
      recording.interruptUp(
        () => gate.arrivals(1),
        () => gate.release(),
      );
    return [
      ...([probes({ a: waiting, b }), interruptUp, "up", probes({ a, b }), interruptUp] as const),
      probes({ a: { ...a, waitFor: { update: gate.url }, fail: "update" }, b }),
      ...([interruptUp, probes({ a, b }), "up"] as const),
    ];
  },
);

scenarioWithGate(
  "a killed update leaves its pending operations in the state, and the next one warns of them and continues",
  "kill",
  (gate) => {
    const d = { of: "${b.id}", waitFor: { delete: gate.url } };
    const a = { value: { secret: "hidden" } };
    const waiting = probes({
      b: { waitFor: { update: gate.url } },
      a: { ...a, waitFor: { create: gate.url } },
      d,
    });
    const reading = { type: "Probe", args: { waitFor: { read: gate.url } }, options: { id: "x-1" } };
    waiting.resources["x"] = reading;
    const killUp = (arrivals: number) => (recording: Recording) =>
      recording.killUp(() => gate.arrivals(arrivals));
    const upWithRelease = async (recording: Recording) => {
      const released = gate.arrivals(1).then(() => gate.release());
      await recording.up();
      await released;
    };
    return [
      change((objects) => (objects["x-1"] = { inputs: { label: "x" }, serial: 5 })),
      ...([probes({ b: {}, d }), "up", waiting, killUp(3)] as const),
      ...([probes({ b: {}, a: { ...a, of: "${b.id}" } }), killUp(1)] as const),
      ...(["refresh", "preview", upWithRelease, "destroy"] as const),
    ];
  },
);
