/** `pulumi-keycard drift` on states that an engine exports. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Gate } from "../../engine/gate";
import { account, credential, Stack } from "../../support/stack";
import { tamper } from "../../support/tamper";
import { runIn } from "../../support/command";
import { expectValid } from "../../support/driftSchema";

let stack: Stack;
let folder: string;
beforeEach(async () => {
  stack = await Stack.open();
  folder = await mkdtemp(path.join(tmpdir(), "drift-"));
});
afterEach(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

/** Returns the findings about the exported stack, for which the command needs no passphrase. */
async function findings() {
  const file = path.join(folder, "state.json");
  await writeFile(file, JSON.stringify(await stack.engine.export()));
  const { endpoint, clientId, clientSecret } = stack.emulator;
  const env = {
    KEYCARD_ENDPOINT: endpoint,
    KEYCARD_CLIENT_ID: clientId,
    KEYCARD_CLIENT_SECRET: clientSecret,
  };
  const { stdout, stderr, code } = await runIn({ env }, "drift", "--state", file, "--format", "json");
  expect(stderr).toBe("");
  const report = expectValid(stdout);
  expect(code).toBe(report.drift ? 7 : 0);
  return report.findings;
}

const summary = (found: Awaited<ReturnType<typeof findings>>) =>
  found.map(({ kind, thing, name }) => `${kind} ${thing} ${name}`);

test("reports no drift after an update, then changes made by hand, and none after the next update", async () => {
  await stack.declare({
    deployer: account({ description: "Deploys from CI" }),
    key: credential({ serviceAccountId: "${deployer.id}" }),
  });
  await stack.up();
  expect(await findings()).toEqual([]);

  await stack.changeByHand({ description: "Deploys from my laptop" });
  await stack.deleteByHand("key");
  expect(summary(await findings())).toEqual(["missing credential key", "changed account deployer"]);
  await stack.refresh();
  await stack.up();
  expect(await findings()).toEqual([]);
});

test("recognizes what a killed update created, which the printed steps then adopt", async () => {
  const gate = await Gate.open();
  const slow = await tamper({ endpoint: stack.emulator.endpoint }, async (call, act) => {
    const answer = await act();
    if (call.method === "POST" && !call.path.endsWith("-token")) await fetch(gate.url);
    return answer;
  });
  await stack.engine.setConfig("keycard:endpoint", slow.endpoint);
  await stack.declare({ deployer: account({ description: "Deploys from CI" }) });
  const up = stack.up().catch(() => undefined);
  await gate.arrivals(1);
  await stack.engine.kill();
  await up;
  gate.release();

  const found = await findings();
  expect(summary(found)).toEqual(["interrupted account deployer"]);
  expect(found[0]?.remedies.map(({ code }) => code)).toEqual([
    "pulumi cancel --stack test",
    `adopt: "${String(found[0]?.id)}"`,
    "pulumi up --stack test",
    "pulumi refresh --clear-pending-creates --stack test",
  ]);
  await stack.engine.setConfig("keycard:endpoint", stack.emulator.endpoint);
  await stack.declare({ deployer: account({ description: "Deploys from CI", adopt: found[0]?.id }) });
  await stack.up();
  expect(await stack.accounts()).toHaveLength(1);
  // Pulumi keeps the pending operation until a refresh clears it.
  expect((await findings()).map(({ id, remedies }) => [id, remedies[1]?.code])).toEqual([
    [undefined, "pulumi refresh --clear-pending-creates --stack test"],
  ]);
  slow.close();
  gate.close();
});
