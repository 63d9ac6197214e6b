/** Nothing that exists is let go of: failing steps keep what was made, and the secret. */
import { account, credential, Stack, steps, told } from "./stack";
import { tamper } from "./tamper";
import type { Proxy } from "./tamper";

const program = { deployer: account(), key: credential({ serviceAccountId: "${deployer.id}" }) };

const isCreation = ({ method, path }: { method: string; path: string }) =>
  method === "POST" && path.endsWith("/credentials");

let stack: Stack;
let proxy: Proxy | undefined;
beforeEach(async () => {
  stack = await Stack.open();
});
afterEach(async () => {
  await stack.close();
  proxy?.close();
});

test("an update that fails keeps the secret", async () => {
  await stack.declare(program);
  await stack.up();
  const key = await stack.outputs("key");
  await stack.fault({ operation: "updateCredential", status: 422, times: 100 });
  await stack.declare({
    ...program,
    key: credential({ serviceAccountId: "${deployer.id}", name: "renamed" }),
  });
  await expect(stack.up()).rejects.toThrow(/422/);
  expect(await stack.outputs("key")).toEqual(key);
  await stack.clearFaults();
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await stack.outputs("key")).toMatchObject({ clientSecret: key["clientSecret"], name: "renamed" });
});

test("a resource that fails leaves the others in the state", async () => {
  await stack.fault({ operation: "createCredential", status: 409, times: 100 });
  await stack.declare(program);
  await expect(stack.up()).rejects.toThrow(/409/);
  await stack.clearFaults();
  expect(steps(await stack.up())).toEqual(["create key"]);
  expect((await stack.accounts()).length).toBe(1);
});

test("a credential whose creation was answered wrongly is kept, its secret encrypted, and repaired by the next up", async () => {
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, async (call, act) => {
    const answer = await act();
    return isCreation(call) ? { ...answer, body: { ...Object(answer.body), created_at: 42 } } : answer;
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.declare(program);
  const messages = told(await stack.up().catch((error: unknown) => error));
  expect(messages).toContain("/created_at");
  expect(messages).toContain("the next `pulumi up` repairs it");

  const [made] = await stack.credentials();
  const key = await stack.outputs("key");
  expect(key["clientId"]).toBe(made?.client_id);
  expect(messages).not.toContain(key["clientSecret"]);
  expect(JSON.stringify(await stack.engine.export())).not.toContain(key["clientSecret"]);

  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await stack.outputs("key")).toMatchObject({
    clientSecret: key["clientSecret"],
    createdAt: made?.created_at,
  });
  expect(await stack.signsIn("key")).toBe(true);
  expect((await stack.credentials()).length).toBe(1);
});

test("a credential that came without its secret is replaced by the next up, and leaves nothing behind", async () => {
  let first = true;
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, async (call, act) => {
    const answer = await act();
    if (!first || !isCreation(call)) return answer;
    first = false;
    return { ...answer, body: { ...Object(answer.body), client_secret: undefined } };
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.declare(program);
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("client_secret");
  expect(steps(await stack.up())).toEqual(["create-replacement key", "replace key", "delete-replaced key"]);
  expect((await stack.credentials()).length).toBe(1);
  expect(await stack.signsIn("key")).toBe(true);
});

test("what exists cannot be imported, and the error says what to do instead", async () => {
  await stack.declare({ deployer: account({}, { import: "some-id" }) });
  expect(told(await stack.preview().catch((error: unknown) => error))).toContain(
    "use the option id in place of import",
  );
});

test("a resource that exists is read by its ID", async () => {
  const made = await stack.keycard.create(stack.emulator.organizationId, {
    name: "by hand",
  });
  await stack.declare({ found: account({}, { id: made.id }) });
  await stack.up();
  expect(await stack.outputs("found")).toMatchObject({ name: "by hand", createdAt: made.created_at });

  await stack.declare({ found: account({}, { id: "nothing-like-it" }) });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    'nothing with the ID "nothing-like-it"',
  );
});
