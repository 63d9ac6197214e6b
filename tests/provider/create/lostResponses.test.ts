/**
 * An answer to a create that is lost leaves nothing behind: what was made is found, taken over, or removed and made anew; whatever
 * the server's clock, its lists and its spelling are like.
 */
import { account, credential, operations, Stack, steps, told } from "../stack";
import { tamper } from "../tamper";
import type { Proxy } from "../tamper";

const program = { deployer: account(), key: credential({ serviceAccountId: "${deployer.id}" }) };

const isCreation = ({ method, path }: { method: string; path: string }, of = "service-accounts") =>
  method === "POST" && path.endsWith(`/${of}`);
const hour = 3_600_000;
const date = (offset: number) => ({ date: new Date(Date.now() + offset).toUTCString() });

let stack: Stack;
let proxy: Proxy | undefined;
beforeEach(async () => {
  stack = await Stack.open();
});
afterEach(async () => {
  await stack.close();
  proxy?.close();
});

const ids = async () => (await stack.accounts()).map(({ id }) => id);

/** Puts a proxy between the provider and Keycard. */
async function through(answer: Parameters<typeof tamper>[1]): Promise<void> {
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, answer);
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
}

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
  await through(async (call, act) => {
    const answer = await act();
    return isCreation(call, "credentials")
      ? { ...answer, body: { ...Object(answer.body), created_at: 42 } }
      : answer;
  });
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
  expect(messages).toContain("Run `pulumi up` again: it searches again");
  await stack.clearFaults();
  expect((await stack.accounts()).length).toBe(2);

  await stack.fault({ operation: "createCredential", status: 500, commit: true });
  await stack.fault({ operation: "listCredentials", status: 500, times: 3 });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("pending-verification-");
  await stack.refresh();
  expect((await stack.credentials()).length).toBe(1);
  await stack.up();
  await expectJust(2, 1);
});

test("where there is more than was lost, nothing is guessed: the error lists it", async () => {
  await through(async (call, act) => {
    const answer = await act();
    if (!isCreation(call)) return answer;
    // Somebody else makes the same at the same time.
    await stack.keycard.create(stack.emulator.organizationId, { name: "deployer" });
    return { status: 502, body: {} };
  });
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

test("where Date is an hour ahead of created_at, a lost account is not made twice", async () => {
  let lost = 0;
  await through(async (call, act) => {
    const answer = { ...(await act()), headers: date(hour) };
    return isCreation(call) && lost++ === 0 ? { ...answer, status: 502, body: {} } : answer;
  });
  await stack.declare({ a: account() });
  await stack.up().catch(told);
  expect((await ids()).length).toBe(1);
});

test("a list that shows something twice does not make two of it", async () => {
  let lost = 0;
  await through(async (call, act) => {
    const answer = await act();
    if (isCreation(call) && lost++ === 0) return { ...answer, status: 502, body: {} };
    const { items, ...page } = Object(answer.body) as { items?: unknown[] };
    return items ? { ...answer, body: { ...page, items: [...items, ...items] } } : answer;
  });
  await stack.declare({ a: account() });
  await stack.up().catch(told);
  expect(await ids()).toEqual([(await stack.outputs("a"))["id"]]);
});

test("a name that the server spells another way is found again", async () => {
  let lost = 0;
  const spelt = (value: unknown): unknown => JSON.parse(JSON.stringify(value).normalize("NFC"));
  await through(async (call, act) => {
    const answer = await act();
    if (isCreation(call) && lost++ === 0) return { ...answer, status: 502, body: {} };
    return { ...answer, body: answer.body === "" ? "" : spelt(answer.body) };
  });
  await stack.declare({ a: account({ name: "café".normalize("NFD") }) });
  await stack.up().catch(told);
  expect((await ids()).length).toBe(1);
});

test("an answer to a create that tells of something that was there before takes nothing over", async () => {
  const stranger = await stack.keycard.create(stack.emulator.organizationId, { name: "stranger" });
  await through(async (call, act) => (isCreation(call) ? { status: 201, body: stranger } : act()));
  await stack.declare({ a: account() });
  await stack.up().catch(told);
  await stack.engine.destroy();
  expect(await ids()).toContain(stranger.id);
});

test("the secret of a credential that is taken over, but cannot be changed, is told nowhere", async () => {
  const organization = { organization_id: stack.emulator.organizationId };
  const made = await stack.keycard.create(stack.emulator.organizationId, { name: "x" });
  const key = await stack.keycard.credentials.create(made.id, { ...organization, name: "key" });
  await stack.fault({ operation: "updateCredential", status: 422, times: 1 });
  await stack.declare({
    other: credential({ serviceAccountId: made.id, adopt: key.id, clientSecret: key.client_secret }),
  });
  const message = told(await stack.up().catch((error: unknown) => error));
  const state = JSON.stringify(await stack.engine.export());
  expect(message + stack.log.join("\n") + state).not.toContain(key.client_secret);
  expect(steps(await stack.up())).toEqual(["update other"]);
  expect(steps(await stack.preview())).toEqual([]);
  expect(JSON.stringify(await stack.engine.export())).not.toContain(key.client_secret);
});
