/** What was lost is found, whatever the server's clock, its lists and its spelling are like. */
import { account, credential, Stack, steps, told } from "./stack";
import { tamper } from "./tamper";
import type { Proxy } from "./tamper";

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
type Answerer = Parameters<typeof tamper>[1];
async function through(answer: Answerer) {
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, answer);
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
}
const isCreation = ({ method, path }: { method: string; path: string }) =>
  method === "POST" && path.endsWith("/service-accounts");
const hour = 3_600_000;
const date = (offset: number) => ({ date: new Date(Date.now() + offset).toUTCString() });

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
