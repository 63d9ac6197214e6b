/** Resources of several providers, resources that are only read, and configuration. */
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { configure, keycardOf } from "./keycard";
import type { Program } from "./project";
import type { Recording } from "./recording";
import { change, play, probes, scenario } from "./scenario";

const random = (keeper: string): Program["resources"] => ({
  bytes: { type: "RandomId", args: { byteLength: 4, prefix: "p-", keepers: { keeper } } },
  pet: { type: "RandomPet", args: { length: 2, prefix: "${bytes.hex}" } },
});
scenario("random names and bytes stay until one of their inputs changes", "random", [
  { resources: random("one"), exports: { pet: "${pet.id}" } },
  "preview",
  "up",
  "up",
  { resources: random("two") },
  "up",
  "refresh",
  "destroy",
]);

scenario("an existing object is read by its ID, and not deleted with the stack", "read", [
  change((objects) => (objects["x-1"] = { inputs: { label: "x" }, serial: 5 })),
  { resources: { x: { type: "Probe", options: { id: "x-1" } } }, exports: { serial: "${x.serial}" } },
  "preview",
  "up",
  "refresh",
  "destroy",
  { resources: { y: { type: "Probe", options: { id: "y-1" } } } },
  "up",
]);

const setPassword =
  (value: string) =>
  ({ engine }: Recording) =>
    engine.setConfig("probe:password", value, { secret: true });
scenario("changed configuration reaches the provider, and changes no resource", "configuration", [
  probes({ a: {} }),
  "up",
  setPassword("louder"),
  "up",
  setPassword("never used"),
  "refresh",
  "destroy",
]);

scenario(
  "a service account and its credential are created, renamed, replaced, changed by others, repaired and destroyed",
  "keycard",
  [
    async (recording) => {
      const emulator = await startEmulator();
      recording.name(emulator.organizationId, "organization");
      for (const key of ["endpoint", "clientId", "clientSecret", "organizationId"] as const)
        recording.name(emulator[key], key);
      await configure(recording.engine, emulator);
      try {
        await play(
          [
            ...([pair("Deploys from CI", 1), "preview", "up"] as const),
            ...([pair("Deploys from elsewhere", 1), "up"] as const),
            ...([pair("Deploys from elsewhere", 2), "preview", "up"] as const),
            ...([() => changeByHand(emulator), "refresh", "up", "destroy"] as const),
          ],
          recording,
        );
      } finally {
        await emulator.close();
      }
    },
  ],
);

function pair(description: string, replacementTrigger: number): Program {
  const serviceAccountId = "${deployer.id}";
  return {
    resources: {
      deployer: { type: "ServiceAccount", args: { description }, options: { replacementTrigger } },
      key: { type: "ServiceAccountCredential", args: { serviceAccountId, description } },
    },
    exports: { clientSecret: "${key.clientSecret}" },
  };
}

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
