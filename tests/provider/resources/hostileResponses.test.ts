/** Hostile responses and hostile states cause a clear error, and leave the state unchanged. */
import { hostOf } from "../../support/host";
import { isNative } from "../../support/provider";
import { account, errorOutput, key, steps, useStack } from "../../support/stack";

const program = { deployer: account({ description: "d" }), key: key() };

/** Changes the responses to the calls of a method, after the emulator has acted as usual. */
let change: { method: string; to: (body: object) => unknown } | undefined;
let state: unknown;
const stack = useStack("suite");

beforeAll(async () => {
  await stack.intercept(async ({ method, path }, act) => {
    const { status, body } = await act();
    const isChanged = change?.method === method && !path.endsWith("/service-account-token");
    return { status, body: isChanged ? change?.to(Object(body) as object) : body };
  });
  await stack.apply(program);
  state = await stack.state();
});
afterEach(() => (change = undefined));

const deep = "[".repeat(100_000) + "]".repeat(100_000);
const text = (body: object, name: string) => JSON.stringify(body).replace(/"name":"[^"]*"/, `"name":${name}`);

test.each<[string, (body: object) => unknown, string]>([
  ["text that is not JSON", () => "<html>It works!</html>", "not JSON"],
  ["a list", (body) => ({ items: [body], page_info: {} }), "the body must have required property 'id'"],
  ["an ID that is a path", (body) => ({ ...body, id: "../x" }), "/id must match pattern"],
  ["100,000 brackets", () => deep, "the body must be object"],
  ["a name of 17 MB", (body) => text(body, `"${"x".repeat(17e6)}"`), "more than 16777216 bytes"],
])("a refresh that receives %s fails, and the state does not change", async (_what, to, message) => {
  change = { method: "GET", to };
  expect(await errorOutput(stack.refresh())).toContain(`malformed response: ${message}`);
  expect(await stack.state()).toEqual(state);
});

test("an update that receives another object fails, and the next up repairs it", async () => {
  change = { method: "PATCH", to: () => ({ id: 42, client_secret: "of somebody else" }) };
  const messages = await errorOutput(stack.apply({ ...program, deployer: account({ name: "renamed" }) }));
  expect(messages).toContain("malformed response: ");
  expect(messages + JSON.stringify(await stack.state())).not.toContain("of somebody else");
  change = undefined;
  expect(steps(await stack.apply(program))).toEqual(["update deployer"]);
  expect(await stack.accounts()).toMatchObject([{ name: "deployer" }]);
});

test("control characters and `__proto__` in a name are ordinary drift, and change no other object", async () => {
  const name = '"\\ud800 \\u0000 \\u001b[31m","__proto__":{"polluted":1},"constructor":"x"';
  change = { method: "GET", to: (body) => text(body, name) };
  expect(steps(await stack.refresh()).sort()).toEqual(["update deployer", "update key"]);
  expect(await stack.outputs("deployer")).toMatchObject({
    // Pulumi's protocol omits or replaces a lone surrogate.
    name: expect.stringMatching(/^\ufffd* \0 \u001b\[31m$/) as string,
  });
  expect(Object.keys(await stack.outputs("deployer"))).not.toContain("constructor");
  expect(await stack.storedState()).not.toContain("polluted");
});

test("a secret that OAuth does not allow is not kept", async () => {
  let responses = 0;
  const to = (body: object) => (responses++ === 0 ? { ...body, client_secret: "\ufffd" } : body);
  change = { method: "POST", to };
  await stack.apply({ ...program, another: key() });
  expect(await stack.signsIn("another")).toBe(true);
  expect((await stack.credentialNames()).sort()).toEqual(["another", "key"]);
});

test("an ID that is a path, in the response to a create, gets neither into the state nor into a request", async () => {
  change = { method: "POST", to: (body) => ({ ...body, id: "../x" }) };
  // The create may fail, or find the account in the list.
  await stack.apply({ ...program, other: account() }).catch(() => undefined);
  expect(await stack.storedState()).not.toContain("../x");
  change = undefined;
  await stack.apply(program);
  expect((await stack.requests()).filter(({ path }) => /\.\.|%2f/i.test(path))).toEqual([]);
});

describe("an invalid ID in the state", () => {
  test.each(["../x", "a/b", "a?b", "a#b", "%2f", "%2e%2e", "..%2f", "..", ".", "", "x".repeat(300)])(
    "(%j) makes no call",
    async (id) => {
      const { ServiceAccount, ServiceAccountCredential } = hostOf(stack.emulator);
      const before = (await stack.requests()).length;
      const inputs = { organizationId: stack.emulator.organizationId, name: "a" };
      const elsewhere = { ...inputs, serviceAccountId: id };
      const ofCredential = (credentialId: string, props: typeof elsewhere) => [
        ServiceAccountCredential.read(credentialId, props),
        ServiceAccountCredential.update(credentialId, {}, props),
        ServiceAccountCredential.delete(credentialId, props),
      ];
      const calls = [
        ServiceAccount.read(id, inputs),
        ServiceAccount.update(id, inputs, inputs),
        ServiceAccount.delete(id, inputs),
        ServiceAccountCredential.create(elsewhere),
        ...ofCredential("c1", elsewhere),
        ...ofCredential(id, { ...inputs, serviceAccountId: "sa1" }),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({
          status: "rejected",
          reason: { name: isNative ? "Error" : "ResourceError" },
        });
      }
      expect((await stack.requests()).length).toBe(before);
    },
  );

  test("fails refresh and destroy, and nothing is changed", async () => {
    const { version, deployment } = await stack.engine.export();
    const { id: other } = await stack.createByHand("other");
    const resources = (deployment.resources ?? []).map((resource) =>
      resource.urn.endsWith("::key") ? { ...resource, id: `../../${other}?x=` } : resource,
    );
    await stack.engine.import({ version, deployment: { ...deployment, resources } });
    const before = await stack.state();
    for (const operation of [() => stack.refresh(), () => stack.engine.destroy()]) {
      expect(await errorOutput(operation())).toContain("Pass the ID as Keycard returned it.");
    }
    expect(await stack.state()).toEqual(before);
    expect((await stack.accounts()).map(({ name }) => name).sort()).toEqual(["deployer", "other"]);
  });
});
