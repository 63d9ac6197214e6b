/** The provider host looks for the package from the program's folder, also when no program runs. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { Stack, account, told } from "../stack";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

test("where it is not found, the error names it, and the state stays as it is", async () => {
  await stack.declare({ deployer: account() });
  await stack.up();
  const before = await stack.outputs("deployer");
  await rm(path.join(stack.project.folder, "node_modules/pulumi-keycard"));
  const messages = told(await stack.refresh().catch((error: unknown) => error));
  expect(messages).toMatch(/Cannot find module 'pulumi-keycard\/host'/);
  expect(await stack.outputs("deployer")).toEqual(before);
});
