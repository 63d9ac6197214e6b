/** Every example: up, no further changes, no drift, no secret in plain text, destroy, nothing left. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { startEmulator } from "pulumi-keycard/emulator";
import { openEngine } from "../engine";
import { configure, keycardOf } from "../engine/keycard";

const checkout = path.join(__dirname, "../..");
// Suites of their own run the pipelines of examples/gitops, and examples/native in other languages.
const examples = readdirSync(path.join(checkout, "examples"))
  .map((name) => (name === "native" ? "native/typescript" : name))
  .filter((name) => name !== "gitops")
  .map((name) => `examples/${name}`);

// The checkout is a project too: its program is examples/basic.
test.each([...examples, "."])("%s goes all the way", async (project) => {
  const emulator = await startEmulator();
  const env = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" }; // Lint has checked their types.
  const engine = await openEngine({ projectDir: path.join(checkout, project), env });
  const accounts = async () => (await keycardOf(emulator).list(emulator.organizationId)).items.length;
  try {
    await configure(engine, emulator);

    const { changes, outputs } = await engine.up();
    expect(Object.keys(changes)).toEqual(["create"]);
    expect(await accounts()).toBeGreaterThan(0);
    const handedOut = JSON.stringify(outputs).matchAll(/"clientSecret":(?:{"value":)?"([^"]+)"/g);
    const secrets = [...handedOut].map(([, secret]) => String(secret));
    expect(secrets.length).toBeGreaterThan(0);
    const state = JSON.stringify(await engine.export());
    expect(secrets.filter((secret) => state.includes(secret))).toEqual([]);

    const same = { same: changes["create"] };
    expect((await engine.preview()).changes).toEqual(same);
    expect((await engine.refresh()).changes).toEqual(same);
    expect((await engine.destroy()).changes).toEqual({ delete: changes["create"] });
    expect(await accounts()).toBe(0);
  } finally {
    await engine.close();
    await emulator.close();
  }
});
