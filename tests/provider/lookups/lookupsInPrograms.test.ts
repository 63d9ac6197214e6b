/** Lookups and reads in programs, from preview to destroy. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { EngineError } from "../../engine";
import { isNative } from "../../support/provider";
import { account, credential, errorOutput, lookup, steps, useStack } from "../../support/stack";

const stack = useStack("emptied");

test("reads existing objects without changing them, and waits for resources that the program creates", async () => {
  const theirs = await stack.createByHand("theirs");
  const key = await stack.createCredentialByHand(theirs.id, { name: "their key" });
  await stack.declare({
    found: lookup("getServiceAccountOutput", { name: { secret: "theirs" } }),
    mine: account({ description: "${found.id}" }),
    mineFound: lookup("getServiceAccountOutput", { name: "${mine.name}" }),
    mineListed: lookup("getServiceAccountsOutput", { namePrefix: "mi" }, { dependsOn: "${mine}" }),
    myKeys: lookup("getServiceAccountCredentialsOutput", { serviceAccountId: "${mine.id}" }),
    read: { ...account(), id: "${found.id}" },
    readKey: { ...credential({ serviceAccountId: theirs.id }), id: key.id },
  });
  const before = (await stack.operations()).length;
  const planned = ["create engine-program-test", "create mine", "read read", "read readKey"];
  expect(steps(await stack.preview()).sort()).toEqual(planned);
  // A call for the known argument, and none for what the program is still to create.
  const listed = (await stack.operations(before)).filter((operation) => operation.startsWith("list"));
  expect(listed).toEqual(["listServiceAccounts"]);

  const { outputs } = await stack.up();
  const mine = await stack.idOf("mine");
  expect(outputs["found"]).toMatchObject({ secret: true, value: { id: theirs.id, name: "theirs" } });
  expect(outputs["mineFound"]).toMatchObject({ secret: false, value: { id: mine, description: theirs.id } });
  expect(outputs["mineListed"]).toMatchObject({ value: { serviceAccounts: [{ id: mine, name: "mine" }] } });
  expect(outputs["myKeys"]).toEqual({ secret: false, value: { credentials: [] } });
  const { id, created_at: createdAt } = theirs;
  expect(await stack.outputs("read")).toMatchObject({ id, name: "theirs", createdAt });
  const readKey = await stack.outputs("readKey");
  expect(readKey).toMatchObject({ id: key.id, name: "their key", clientId: key.client_id });
  expect(readKey).not.toHaveProperty("clientSecret");

  expect(steps(await stack.refresh())).toEqual([]);
  expect(steps(await stack.apply({}))).toEqual(expect.arrayContaining(["delete mine"]));
  expect(await stack.accounts()).toEqual([expect.objectContaining({ id: theirs.id, name: "theirs" })]);
  expect((await stack.credentials()).length).toBe(1);
});

test("a failed lookup or read ends the program with one error", async () => {
  const twins = [await stack.createByHand("twin"), await stack.createByHand("twin")];
  const program = { twin: lookup("getServiceAccountOutput", { name: "twin" }), mine: account() };
  const failure = await stack.apply(program).catch((error: unknown) => error);
  const { diagnostics } = (failure as EngineError).outcome;
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  expect(errors.filter((message) => message.includes("twin")).length).toBe(1);
  for (const { id } of twins) expect(errors.join()).toContain(id);
  // Pulumi's own functions end a program with a stack trace.
  if (!isNative) expect(errors.join()).not.toMatch(/unhandled|\.js:/);

  const preview = stack.plan({ nobody: { ...account(), id: "nobody-at-all" } });
  expect(await errorOutput(preview)).toContain('No object with the ID "nobody-at-all" was found');
});

test("the lookups in the README work", async () => {
  const readme = await readFile(path.join(__dirname, "../../../README.md"), "utf8");
  const example = String(/### Look up accounts and credentials\n+```ts\n(.*?)```/s.exec(readme)?.[1]);
  const files = {
    "package.json": JSON.stringify({ name: "readme", private: true, type: "module", main: "index.js" }),
    "index.js": `import * as keycard from "pulumi-keycard";\n${example}`,
  };
  for (const [file, text] of Object.entries(files))
    await writeFile(path.join(stack.project.folder, file), text);
  const ci = await stack.createByHand("ci");
  for (const name of ["ci-one", "other", "ci-two"]) await stack.createByHand(name);
  const used = await stack.createCredentialByHand(ci.id, { name: "used" });
  const unused = await stack.createCredentialByHand(ci.id, { name: "unused" });
  expect(await stack.signsIn({ clientId: used.client_id, clientSecret: used.client_secret })).toBe(true);
  const outcome = await stack.up();
  expect(outcome.outputs["unused"]?.value).toMatchObject([{ clientId: unused.client_id }]);
  expect(outcome.outputs["serviceAccounts"]?.value).toMatchObject([{ name: "ci-one" }, { name: "ci-two" }]);
  expect(steps(outcome)).toEqual(["create engine-program-test", "read ci"]);
});
