/** Lookups and reads in programs, from preview to destroy. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { EngineError } from "../../engine";
import { account, credential, lookup, operations, Stack, steps, told } from "../stack";

let stack: Stack;
let organization: { organization_id: string };
beforeEach(async () => {
  stack = await Stack.open();
  organization = { organization_id: stack.emulator.organizationId };
});
afterEach(() => stack.close());

function byHand(name: string) {
  return stack.keycard.create(organization.organization_id, { name });
}

function keyByHand(serviceAccountId: string, name: string) {
  return stack.keycard.credentials.create(serviceAccountId, { ...organization, name });
}

test("reads existing objects without changing them, and waits for resources that the program creates", async () => {
  const theirs = await byHand("theirs");
  const key = await keyByHand(theirs.id, "their key");
  const program = {
    found: lookup("getServiceAccountOutput", { name: { secret: "theirs" } }),
    mine: account({ description: "${found.id}" }),
    mineFound: lookup("getServiceAccountOutput", { name: "${mine.name}" }),
    mineListed: lookup("getServiceAccountsOutput", { namePrefix: "mi" }, { dependsOn: "${mine}" }),
    myKeys: lookup("getServiceAccountCredentialsOutput", { serviceAccountId: "${mine.id}" }),
    read: { ...account(), id: "${found.id}" },
    readKey: { ...credential({ serviceAccountId: theirs.id }), id: key.id },
  };
  await stack.declare(program);
  expect(steps(await stack.preview()).sort()).toEqual(
    ["create engine-program-test", "create mine", "read read", "read readKey"].sort(),
  );
  // A call for the known argument, and none for what the program is still to create.
  const listed = operations(await stack.requests()).filter((operation) => operation.startsWith("list"));
  expect(listed).toEqual(["listServiceAccounts"]);

  const { outputs } = await stack.up();
  const mine = (await stack.outputs("mine"))["id"];
  expect(outputs["found"]).toMatchObject({ secret: true, value: { id: theirs.id, name: "theirs" } });
  expect(outputs["mineFound"]).toMatchObject({ secret: false, value: { id: mine, description: theirs.id } });
  expect(outputs["mineListed"]).toMatchObject({ value: { serviceAccounts: [{ id: mine, name: "mine" }] } });
  expect(outputs["myKeys"]).toEqual({ secret: false, value: { credentials: [] } });
  expect(await stack.outputs("read")).toMatchObject({ id: theirs.id, name: "theirs" });
  const readKey = await stack.outputs("readKey");
  expect(readKey).toMatchObject({ id: key.id, name: "their key", clientId: key.client_id });
  expect(readKey).not.toHaveProperty("clientSecret");

  expect((await stack.refresh()).steps.filter(({ op }) => op !== "same")).toEqual([]);
  await stack.declare({});
  expect(steps(await stack.up())).toEqual(expect.arrayContaining(["delete mine"]));
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id: theirs.id, name: "theirs" })]);
  expect((await stack.credentials()).length).toBe(1);
});

test("a failed lookup or read ends the program with one error", async () => {
  const twins = [await byHand("twin"), await byHand("twin")];
  await stack.declare({ twin: lookup("getServiceAccountOutput", { name: "twin" }), mine: account() });
  const failure = await stack.up().catch((error: unknown) => error);
  const { diagnostics } = (failure as EngineError).outcome;
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  expect(errors.filter((message) => message.includes("twin")).length).toBe(1);
  for (const { id } of twins) expect(errors.join()).toContain(id);
  expect(errors.join()).not.toMatch(/unhandled|\.js:/);

  await stack.declare({ nobody: { ...account(), id: "nobody-at-all" } });
  expect(told(await stack.preview().catch((error: unknown) => error))).toContain(
    'No object with the ID "nobody-at-all" was found',
  );
});

test("the lookups in the README work", async () => {
  const readme = await readFile(path.join(__dirname, "../../../README.md"), "utf8");
  const example = String(/### Look things up\n+```ts\n(.*?)```/s.exec(readme)?.[1]);
  const files = {
    "package.json": JSON.stringify({ name: "readme", private: true, type: "module", main: "index.js" }),
    "index.js": `import * as keycard from "pulumi-keycard";\n${example}`,
  };
  for (const [file, text] of Object.entries(files))
    await writeFile(path.join(stack.project.folder, file), text);
  const ci = await byHand("ci");
  for (const name of ["ci-one", "other", "ci-two"]) await byHand(name);
  const used = await keyByHand(ci.id, "used");
  const unused = await keyByHand(ci.id, "unused");
  expect(await stack.signsIn({ clientId: used.client_id, clientSecret: used.client_secret })).toBe(true);
  const outcome = await stack.up();
  expect(outcome.outputs["unused"]?.value).toMatchObject([{ clientId: unused.client_id }]);
  expect(outcome.outputs["serviceAccounts"]?.value).toMatchObject([{ name: "ci-one" }, { name: "ci-two" }]);
  expect(steps(outcome)).toEqual(["create engine-program-test", "read ci"]);
});
