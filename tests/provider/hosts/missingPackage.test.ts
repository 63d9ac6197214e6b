/** The provider host resolves the package from the program's folder, also when no program runs. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { account, errorOutput, useStack } from "../../support/stack";

const stack = useStack("suite");

test("a missing package is an error that names it, and the state does not change", async () => {
  await stack.apply({ deployer: account() });
  const before = await stack.outputs("deployer");
  await rm(path.join(stack.project.folder, "node_modules/pulumi-keycard"));
  expect(await errorOutput(stack.refresh())).toMatch(/Cannot find module 'pulumi-keycard\/host'/);
  expect(await stack.outputs("deployer")).toEqual(before);
});
