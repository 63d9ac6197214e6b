/** The resource options that replace a resource, or prevent it. */
import type { Recording } from "./recording";
import { probe, scenario, scenarioWithGate } from "./scenario";

const triggered = (replacementTrigger?: string) => ({
  resources: { a: probe("a", {}, { replacementTrigger }), b: probe("b", { of: "${a.id}" }) },
});
scenario(
  "a resource is replaced when its replacementTrigger changes to another value, and only then",
  "trigger",
  [triggered("one"), "up", triggered("two"), "preview", "up", triggered(), "up"],
);

const guarded = (args: object, protect?: boolean) => ({
  resources: { a: probe("a", args, { protect }), b: probe("b", { of: "${a.id}" }) },
});
scenario("a protected resource is neither deleted nor replaced until `protect` is removed", "protect", [
  ...([guarded({}, true), "up", { resources: {} }, "preview", "up"] as const),
  ...([guarded({ place: "elsewhere" }, true), "preview", "up", "destroy"] as const),
  ...([guarded({ value: 1 }, true), "up"] as const),
  ...([guarded({ place: "elsewhere" }, false), "up", "destroy"] as const),
]);

scenarioWithGate(
  "with deleteBeforeReplace, a resource and its dependents are deleted before their replacements are created",
  "delete-first",
  (gate) => {
    const program = (place: string, waitFor?: object) => ({
      resources: {
        a: probe("a", { place, waitFor }, { deleteBeforeReplace: true }),
        b: probe("b", { place: "${a.id}" }),
        c: probe("c", { place: "${b.id}" }),
        d: probe("d", { of: "${c.id}" }),
      },
    });
    const waiting = { create: gate.url };
    const killUp = (recording: Recording) => recording.killUp(() => gate.arrivals(1));
    return [
      ...([program("here"), "up", program("there"), "preview"] as const),
      ...([program("there", waiting), killUp, "refresh", program("elsewhere"), "up"] as const),
      ...([program("nowhere", waiting), killUp, "destroy"] as const),
    ];
  },
);
