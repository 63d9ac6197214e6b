/** The native provider: a stack moves to it, and then has an import, a lookup and a second provider. */
import { startEmulator } from "pulumi-keycard/emulator";
import { configure, keycardOf } from "./keycard";
import type { Program } from "./project";
import { play, scenario } from "./scenario";

const pair = (description: string, replacementTrigger: number): Program => ({
  resources: {
    deployer: { type: "ServiceAccount", args: { description }, options: { replacementTrigger } },
    key: { type: "ServiceAccountCredential", args: { serviceAccountId: "${deployer.id}", description } },
    user: { type: "ServiceAccount", args: { name: "${key.clientId}" } },
  },
  exports: { clientSecret: "${key.clientSecret}" },
});

const native = (program: Program): Program => ({ ...program, provider: "native" });

scenario(
  "a stack moves from dynamic to native resources; previews are exact; an existing account is imported by a second provider",
  "native",
  [
    async (recording) => {
      const emulator = await startEmulator();
      const { endpoint, clientId, clientSecret, organizationId } = emulator;
      for (const [name, value] of Object.entries({ endpoint, clientId, clientSecret, organizationId }))
        recording.name(value, name);
      await configure(recording.engine, emulator);
      const byHand = await keycardOf(emulator).create(organizationId, { name: "by hand" });
      const settings = { endpoint, clientId, clientSecret: { secret: clientSecret }, organizationId };
      const imported: Program = {
        resources: {
          second: { type: "Provider", args: settings },
          hand: {
            type: "ServiceAccount",
            args: { name: "by hand" },
            options: { import: byHand.id, provider: "${second}" },
          },
          found: { type: "getServiceAccountOutput", args: { id: "${hand.id}" } },
        },
        exports: { found: "${found}" },
      };
      const changeByHand = () =>
        keycardOf(emulator).update(byHand.id, { organization_id: organizationId, name: "changed" });
      try {
        await play(
          [
            ...([pair("one", 1), "up", native(pair("one", 1)), "preview", "up", "refresh"] as const),
            ...([native(pair("two", 1)), "preview", "up", "up"] as const),
            ...([native(pair("two", 2)), "preview", "up"] as const),
            ...([native(imported), "preview", "up", "up", changeByHand, "refresh", "up", "destroy"] as const),
          ],
          recording,
        );
      } finally {
        await emulator.close();
      }
    },
  ],
);
