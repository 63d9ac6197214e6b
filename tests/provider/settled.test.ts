/** An answer to a create that is lost leaves nothing behind: what was made is found, taken over, or removed and made anew. */
import { account, credential, operations, Stack, steps, told } from "./stack";
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

/** Keycard holds just what the program declares, and the secret that the state has is the right one. */
async function expectJust(accounts: number, credentials: number): Promise<void> {
  expect((await stack.accounts()).length).toBe(accounts);
  expect((await stack.credentials()).length).toBe(credentials);
  if (credentials > 0) expect(await stack.signsIn("key")).toBe(true);
  expect(steps(await stack.up())).toEqual([]);
}

test("an account is taken over, and a credential, whose secret was lost, made anew", async () => {
  await stack.fault({ operation: "createServiceAccount", reset: true, commit: true });
  await stack.fault({ operation: "createCredential", body: "truncated" });
  await stack.declare(program);
  expect(steps(await stack.up())).toEqual(["create engine-program-test", "create deployer", "create key"]);
  expect(operations(await stack.requests())).toEqual([
    "token",
    ...["listServiceAccounts", "createServiceAccount", "listServiceAccounts", "listCredentials"],
    ...["createCredential", "listCredentials", "deleteCredential", "createCredential"],
  ]);
  await expectJust(1, 1);
});

test("a secret that a malformed answer still tells is kept", async () => {
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, async (call, act) => {
    const answer = await act();
    return isCreation(call) ? { ...answer, body: { ...Object(answer.body), created_at: 42 } } : answer;
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.declare(program);
  await stack.up();
  const made = (await stack.requests()).filter(({ operation }) => operation === "createCredential");
  expect(made.length).toBe(1);
  expect(JSON.stringify(await stack.engine.export())).not.toContain(
    (await stack.outputs("key"))["clientSecret"],
  );
  await expectJust(1, 1);
});

test("identical ones that are made at once are told apart, and strangers of the same name stay as they are", async () => {
  const like = { name: "worker", description: "works" };
  const stranger = await stack.keycard.create(stack.emulator.organizationId, like);
  await stack.fault({ operation: "createServiceAccount", status: 503, commit: true, times: 2 });
  await stack.fault({ operation: "createServiceAccount", status: 503, retryAfter: 0, times: 1 });
  await stack.declare({ a: account(like), b: account(like), c: account(like), d: account(like) });
  await stack.up();
  const ids = await Promise.all(["a", "b", "c", "d"].map(async (name) => (await stack.outputs(name))["id"]));
  const there = await stack.accounts();
  expect(new Set([...ids, stranger.id])).toEqual(new Set(there.map(({ id }) => id)));
  expect(there).toContainEqual(stranger);
  await expectJust(5, 0);
});

test("where even looking fails, the state keeps that, and the next up cleans it up", async () => {
  await stack.declare({ ...program, other: account({ name: "other" }) });
  await stack.fault({ operation: "listServiceAccounts", skip: 1, status: 500, times: 100 });
  await stack.fault({ operation: "createServiceAccount", delayMs: 1500, commit: true, times: 2 });
  await stack.engine.setConfig("keycard:timeout", "1");
  const messages = told(await stack.up().catch((error: unknown) => error));
  expect(messages).toContain("the next `pulumi up` looks again");
  await stack.clearFaults();
  expect((await stack.accounts()).length).toBe(2);

  await stack.fault({ operation: "createCredential", status: 500, commit: true });
  await stack.fault({ operation: "listCredentials", status: 500, times: 3 });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("unsettled-");
  await stack.refresh();
  expect((await stack.credentials()).length).toBe(1);
  await stack.up();
  await expectJust(2, 1);
});

test("where there is more than was lost, nothing is guessed: the error lists it", async () => {
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, async (call, act) => {
    const answer = await act();
    if (call.method !== "POST" || !call.path.endsWith("/service-accounts")) return answer;
    // Somebody else makes the same at the same time.
    await stack.keycard.create(stack.emulator.organizationId, { name: "deployer" });
    return { status: 502, body: {} };
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.declare(program);
  const messages = told(await stack.up().catch((error: unknown) => error));
  const there = await stack.accounts();
  expect(there.length).toBe(2);
  for (const { id } of there) expect(messages).toContain(id);
  expect(messages).toContain("delete those that nobody uses");

  await stack.configure();
  const [mine, other] = there;
  await stack.declare({ ...program, deployer: account({ adopt: String(mine?.id) }) });
  await stack.up();
  expect((await stack.outputs("deployer"))["id"]).toBe(mine?.id);
  await stack.keycard.delete(String(other?.id), { organization_id: stack.emulator.organizationId });
  await expectJust(1, 1);
});
