/** Updates, previews, refreshes and destroys, and their failures. */
import { change, probes, scenario } from "./scenario";

const b = { of: "${a.id}" };
const outputs = { token: "${b.token}", serials: ["${a.serial}", "${b.serial}"] };

scenario(
  "a stack is previewed, created, left unchanged, updated in place, partly replaced, reduced and destroyed",
  "lifecycle",
  [
    ...([
      probes({ a: { value: { secret: "hidden" } }, b }, { exports: outputs }),
      "preview",
      "up",
      "up",
    ] as const),
    probes({ a: { value: "in clear" }, b: { of: "${a.id}", serial: "${a.serial}" } }, { exports: outputs }),
    ...([
      "preview",
      "up",
      probes({ a: { place: "elsewhere" }, b }, { exports: outputs }),
      "preview",
      "up",
    ] as const),
    ...([probes({ a: { place: "elsewhere" } }), "up", "destroy"] as const),
  ],
);

scenario("a refresh finds changed and deleted objects, and the next update repairs them", "drift", [
  probes({ a: { value: 1 }, b, c: { of: "${b.id}" } }),
  "up",
  change((objects) => {
    Object.assign(objects["a-1"] ?? {}, { inputs: { label: "a", value: 2, checked: true } });
    Object.assign(objects["b-2"] ?? {}, { deleted: true });
    Object.assign(objects["c-3"] ?? {}, { serial: 7 });
  }),
  "refresh",
  "preview",
  "up",
]);

scenario(
  "a failed resource stays out of the state, what succeeded stays in it, and dependents are not started",
  "failures",
  [
    probes({ a: {}, b: { ...b, fail: "create" }, c: { of: "${b.id}" } }),
    "up",
    probes({ a: {}, b }),
    "up",
    probes({ a: {}, b: { ...b, fail: "update" } }),
    "up",
    change((objects) => Object.assign(objects["b-2"] ?? {}, { fail: "read" })),
    "refresh",
    change((objects) => Object.assign(objects["b-2"] ?? {}, { fail: "delete" })),
    "destroy",
  ],
);

scenario(
  "a resource whose initialization failed stays in the state, and the next update completes it",
  "init-failure",
  [
    probes({ a: { fail: "init" }, b }),
    "up",
    "preview",
    probes({ a: {}, b }),
    "up",
    probes({ a: { fail: "init" }, b }),
    "up",
    "refresh",
    "destroy",
  ],
);

const rejected = { wrong: ["label", "of", "wrong", "nothing", ""], of: { deep: { secret: 1 }, flat: true } };
scenario("all rejected inputs are reported at once, and nothing is created", "rejected", [
  probes({ a: rejected }),
  "preview",
  "up",
]);

scenario("a failed program keeps what it has declared, and deletes nothing", "program-error", [
  probes({ a: {}, b }),
  "up",
  probes({ a: { value: 2 } }, { throws: "the program is at a loss" }),
  "up",
]);
