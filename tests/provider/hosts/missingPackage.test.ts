/** The provider host resolves the package from the program's folder, also when no program runs. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { openEngine } from "../../engine";
import { decrypted } from "../../engine/decrypted";
import { configure } from "../../engine/keycard";
import { account, errorOutput, useStack } from "../../support/stack";

const stack = useStack("suite");

test("a missing package is an error that names it, and the state does not change", async () => {
  await stack.apply({ deployer: account() });
  const before = await stack.engine.export();
  await rm(path.join(stack.project.folder, "node_modules/pulumi-keycard"));
  // A new engine, because the host of the first one has loaded the package.
  const engine = await openEngine({ projectDir: stack.project.folder });
  await configure(engine, stack.emulator);
  await engine.import(before);
  const error = await errorOutput(engine.refresh());
  const after = await engine.export();
  await engine.close();
  expect(error).toMatch(/Cannot find module 'pulumi-keycard\/host'/);
  // Pulumi encrypts secrets anew.
  const outputs = async (state: typeof before) => (await decrypted(state)).map(({ outputs }) => outputs);
  expect(await outputs(after)).toEqual(await outputs(before));
});
