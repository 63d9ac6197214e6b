/** `pulumi-keycard drift` on states that an engine exports. */
import { Gate } from "../../engine/gate";
import { findingsOf, summary } from "../../support/stackDrift";
import { account, key, useStack } from "../../support/stack";

const stack = useStack("test");

const findings = () => findingsOf(stack);

test("reports no drift after an update, then changes made by hand, and none after the next update", async () => {
  await stack.apply({ deployer: account({ description: "Deploys from CI" }), key: key() });
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
  await stack.intercept(async (call, act) => {
    const response = await act();
    if (call.method === "POST" && !call.path.endsWith("-token")) await fetch(gate.url);
    return response;
  });
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
  await stack.configure();
  await stack.apply({ deployer: account({ description: "Deploys from CI", adopt: found[0]?.id }) });
  expect(await stack.accounts()).toHaveLength(1);
  // Pulumi keeps the pending operation until a refresh clears it.
  expect((await findings()).map(({ id, remedies }) => [id, remedies[1]?.code])).toEqual([
    [undefined, "pulumi refresh --clear-pending-creates --stack test"],
  ]);
  gate.close();
});
