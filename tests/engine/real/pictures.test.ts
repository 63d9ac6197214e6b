/** The pictures in the README of what Pulumi's CLI prints. */
import { stripVTControlCharacters } from "node:util";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { pictured } from "../../support/picture";
import type { ShellProject } from "./shell";
import { configureStack, openShellProject } from "./shell";

let emulator: Emulator;
let project: ShellProject;
beforeEach(async () => {
  emulator = await startEmulator();
  project = await openShellProject();
  await configureStack(project.run, emulator, "emulator");
}, 120_000);
afterEach(async () => {
  await emulator.close();
  await project.remove();
});

const declare = (replacementTrigger: string) =>
  project.declare({
    resources: {
      deployer: { type: "ServiceAccount", args: { description: "Deploys from CI" } },
      "deployer-key": {
        type: "ServiceAccountCredential",
        args: { serviceAccountId: "${deployer.id}" },
        options: { replacementTrigger },
      },
    },
    exports: { clientId: "${deployer-key.clientId}", clientSecret: "${deployer-key.clientSecret}" },
  });

/** Replaces what differs from run to run, and drops what is not about the resources. */
function normalized(output: string): string {
  const [ids, times] = [new Map<string, string>(), new Map<string, string>()];
  const known = (map: Map<string, string>, text: string, next: (index: number) => string) => {
    if (!map.has(text)) map.set(text, next(map.size + 1));
    return String(map.get(text));
  };
  return (
    output
      // Pulumi colors the characters that differ, which no two runs have in common.
      .replace(/"[^"\n]*"/g, (quoted) => stripVTControlCharacters(quoted))
      .replace(/\b[a-z2-7]{26}\b/g, (id) => known(ids, id, (index) => `q7w3k5n2x9d4m8p6r1t0v3b5f${index}`))
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
        known(times, time, (index) => `2026-11-2${index}T03:07:12.345Z`),
      )
      .replace(/\n[^\n]*Duration:.*/s, "")
      .split("\n")
      .filter((line) => !/^\s*$|urn:pulumi|__provider/.test(stripVTControlCharacters(line)))
      .join("\n")
      .replaceAll("engine-program", "shop")
  );
}

test("a preview, and the rotation of a credential", async () => {
  await declare("2026-10");
  await pictured(
    "preview",
    "pulumi preview --diff",
    normalized(await project.run("pulumi preview --diff --color always")),
  );
  await project.run("pulumi up --yes --skip-preview");
  await declare("2026-11");
  const rotation = await project.run("pulumi up --yes --skip-preview --diff --color always");
  await pictured("rotation", "pulumi up --diff", normalized(rotation));
}, 120_000);
