/**
 * A lost response to a create leaves nothing behind, whatever the server's clock, lists and spelling: the object is found, and used or
 * deleted and created anew.
 */
import { account, credential, errorOutput, key, outputOf, steps, useStack } from "../../support/stack";
import type { Respond } from "../../support/tamper";

const program = { deployer: account(), key: key() };
const HOUR = 3_600_000;

const isCreate = ({ method, path }: { method: string; path: string }, of = "service-accounts") =>
  method === "POST" && path.endsWith(`/${of}`);

const stack = useStack("emptied");

const ids = async () => (await stack.accounts()).map(({ id }) => id);

/** Loses the response to the first create of an account; changes all other responses. */
function loseFirst(change: (response: Awaited<ReturnType<Respond>>) => object): Promise<string> {
  let isLost = false;
  return stack.intercept(async (call, act) => {
    const response = await act();
    const changed = { ...response, ...change(response) };
    if (!isCreate(call) || isLost) return changed;
    isLost = true;
    return { ...changed, status: 502, body: {} };
  });
}

/** Checks that Keycard has only what the program declares, and that the secret in the state signs in. */
async function expectOnly(accounts: number, credentials: number): Promise<void> {
  expect((await stack.accounts()).length).toBe(accounts);
  expect((await stack.credentials()).length).toBe(credentials);
  if (credentials > 0) expect(await stack.signsIn("key")).toBe(true);
  expect(steps(await stack.up())).toEqual([]);
}

test("an account that is found is used; a credential that is found is deleted and created again, since its secret is lost", async () => {
  await stack.fault({ operation: "createServiceAccount", reset: true, commit: true });
  await stack.fault({ operation: "createCredential", body: "truncated" });
  const before = (await stack.operations()).length;
  const created = steps(await stack.apply(program));
  expect(created).toEqual(["create engine-program-test", "create deployer", "create key"]);
  expect(await stack.operations(before)).toEqual([
    "token",
    ...["listServiceAccounts", "createServiceAccount", "listServiceAccounts", "listCredentials"],
    ...["createCredential", "listCredentials", "deleteCredential", "createCredential"],
  ]);
  await expectOnly(1, 1);
});

test("a secret in a malformed response is kept", async () => {
  await stack.intercept(async (call, act) => {
    const response = await act();
    const body = { ...Object(response.body), created_at: 42 };
    return isCreate(call, "credentials") ? { ...response, body } : response;
  });
  const before = await stack.countOf("createCredential");
  await stack.apply(program);
  expect(await stack.countOf("createCredential")).toBe(before + 1);
  expect(await stack.storedState()).not.toContain((await stack.outputs("key"))["clientSecret"]);
  await expectOnly(1, 1);
});

test("identical resources of one update get an object each, and identical objects of others stay unchanged", async () => {
  const like = { name: "worker", description: "works" };
  const theirs = await stack.createByHand(like.name, like.description);
  await stack.fault({ operation: "createServiceAccount", status: 503, commit: true, times: 2 });
  await stack.fault({ operation: "createServiceAccount", status: 503, retryAfter: 0, times: 1 });
  await stack.apply({ a: account(like), b: account(like), c: account(like), d: account(like) });
  const mine = await Promise.all(["a", "b", "c", "d"].map((name) => stack.idOf(name)));
  expect(new Set([...mine, theirs.id])).toEqual(new Set(await ids()));
  expect(await stack.accounts()).toContainEqual(theirs);
  await expectOnly(5, 0);
});

test("if the search fails, too, the state records that, and the next up cleans up", async () => {
  await stack.declare({ ...program, other: account({ name: "other" }) });
  await stack.fault({ operation: "listServiceAccounts", skip: 1, status: 500, times: 100 });
  await stack.fault({ operation: "createServiceAccount", delayMs: 1500, commit: true, times: 2 });
  await stack.engine.setConfig("keycard:timeout", "1");
  expect(await errorOutput(stack.up())).toContain("Run `pulumi up` again: it creates a new object");
  await stack.clearFaults();
  expect((await stack.accounts()).length).toBe(2);

  await stack.fault({ operation: "createCredential", status: 500, commit: true });
  await stack.fault({ operation: "listCredentials", status: 500, times: 3 });
  expect(await errorOutput(stack.up())).toContain("pending-verification-");
  await stack.refresh();
  expect((await stack.credentials()).length).toBe(1);
  await stack.up();
  await expectOnly(2, 1);
});

test("if several objects may be the right one, nothing is guessed, and the error lists them", async () => {
  await stack.intercept(async (call, act) => {
    const response = await act();
    if (!isCreate(call)) return response;
    await stack.createByHand("deployer"); // Somebody else creates an identical account at the same time.
    return { status: 502, body: {} };
  });
  const messages = await errorOutput(stack.apply(program));
  const [mine = "", other = "", ...more] = await ids();
  expect(more).toEqual([]);
  for (const id of [mine, other]) expect(messages).toContain(id);
  expect(messages).toContain("delete those that nobody uses");

  await stack.configure();
  await stack.apply({ ...program, deployer: account({ adopt: mine }) });
  expect(await stack.idOf("deployer")).toBe(mine);
  await stack.keycard.delete(other, stack.organization);
  await expectOnly(1, 1);
});

test("an account is not created twice if the Date header is an hour ahead of created_at", async () => {
  await loseFirst(() => ({ headers: { date: new Date(Date.now() + HOUR).toUTCString() } }));
  await stack.apply({ a: account() }).catch(outputOf);
  expect((await ids()).length).toBe(1);
});

test.each<[string, string, Parameters<typeof loseFirst>[0]]>([
  [
    "a list contains each object twice",
    "a",
    ({ body }) => {
      const { items, ...page } = Object(body) as { items?: unknown[] };
      return items ? { body: { ...page, items: [...items, ...items] } } : {};
    },
  ],
  [
    "the server normalizes its name",
    "café".normalize("NFD"),
    ({ body }) => ({ body: body && JSON.parse(JSON.stringify(body).normalize("NFC")) }),
  ],
])("an account is found, and not created twice, if %s", async (_what, name, change) => {
  await loseFirst(change);
  await stack.apply({ a: account({ name }) });
  expect(await ids()).toEqual([await stack.idOf("a")]);
});

test("if the response to a create names an older object, that object is not taken over", async () => {
  const theirs = await stack.createByHand("theirs");
  await stack.intercept(async (call, act) => (isCreate(call) ? { status: 201, body: theirs } : act()));
  await stack.apply({ a: account() }).catch(outputOf);
  await stack.engine.destroy();
  expect(await ids()).toContain(theirs.id);
});

test("the secret of an adopted credential whose update fails is printed nowhere", async () => {
  const { id: serviceAccountId } = await stack.createByHand("x");
  const { id, client_secret } = await stack.createCredentialByHand(serviceAccountId, { name: "key" });
  await stack.fault({ operation: "updateCredential", status: 422, times: 1 });
  const other = credential({ serviceAccountId, adopt: id, clientSecret: client_secret });
  const message = await errorOutput(stack.apply({ other }));
  const state = await stack.storedState();
  expect(message + stack.log.join("\n") + state).not.toContain(client_secret);
  expect(steps(await stack.up())).toEqual(["update other"]);
  expect(steps(await stack.preview())).toEqual([]);
  expect(await stack.storedState()).not.toContain(client_secret);
});
