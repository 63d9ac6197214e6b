/** Whatever Keycard's place answers, and whatever stands in the state: a clear error, and the state as it was. */
import * as host from "pulumi-keycard/host";
import { account, credential, Stack, steps, told } from "../stack";
import { tamper } from "../tamper";
import type { Proxy } from "../tamper";

const program = {
  deployer: account({ description: "d" }),
  key: credential({ serviceAccountId: "${deployer.id}" }),
};

/** Changes what is answered to calls of a method; the emulator has acted as ever. */
let change: { method: string; to: (body: object) => unknown } | undefined;
let stack: Stack;
let proxy: Proxy;
let state: unknown;

beforeAll(async () => {
  stack = await Stack.open();
  proxy = await tamper({ endpoint: stack.emulator.endpoint }, async ({ method, path }, act) => {
    const { status, body } = await act();
    const hit = change?.method === method && !path.endsWith("/service-account-token");
    return { status, body: hit ? change?.to(Object(body) as object) : body };
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  await stack.declare(program);
  await stack.up();
  state = await stack.state();
});
afterEach(() => (change = undefined));
afterAll(async () => {
  await stack.close();
  proxy.close();
});

const deep = "[".repeat(100_000) + "]".repeat(100_000);
const text = (body: object, name: string) => JSON.stringify(body).replace(/"name":"[^"]*"/, `"name":${name}`);

test.each<[string, (body: object) => unknown, string]>([
  ["no JSON", () => "<html>It works!</html>", "malformed response: not JSON"],
  [
    "a page",
    (body) => ({ items: [body], page_info: {} }),
    "malformed response: the body must have required property 'id'",
  ],
  ["another's ID", (body) => ({ ...body, id: "../x" }), "malformed response: /id must match pattern"],
  ["100,000 brackets", () => deep, "malformed response: the body must be object"],
  [
    "a name of 17 MB",
    (body) => text(body, `"${"x".repeat(17e6)}"`),
    "malformed response: more than 16777216 bytes",
  ],
])("a refresh that is answered with %s fails, and the state is as it was", async (_what, to, message) => {
  change = { method: "GET", to };
  expect(told(await stack.refresh().catch((error: unknown) => error))).toContain(message);
  expect(await stack.state()).toEqual(state);
});

test("an update that is answered with something else fails, and the next up repairs it", async () => {
  change = { method: "PATCH", to: () => ({ id: 42, client_secret: "of somebody else" }) };
  await stack.declare({ ...program, deployer: account({ name: "renamed" }) });
  const messages = told(await stack.up().catch((error: unknown) => error));
  expect(messages).toContain("malformed response: ");
  expect(messages + JSON.stringify(await stack.state())).not.toContain("of somebody else");
  change = undefined;
  await stack.declare(program);
  expect(steps(await stack.up())).toEqual(["update deployer"]);
  expect(await stack.accounts()).toMatchObject([{ name: "deployer" }]);
});

test("strange text in a name is drift like any other, and pollutes nothing", async () => {
  const name = '"\\ud800 \\u0000 \\u001b[31m","__proto__":{"polluted":1},"constructor":"x"';
  change = { method: "GET", to: (body) => text(body, name) };
  expect(steps(await stack.refresh()).sort()).toEqual(["update deployer", "update key"]);
  expect(await stack.outputs("deployer")).toMatchObject({
    // Half a character is none: Pulumi's protocol leaves it away, or puts another in its place.
    name: expect.stringMatching(/^\ufffd* \0 \u001b\[31m$/) as string,
  });
  expect(Object.keys(await stack.outputs("deployer"))).not.toContain("constructor");
  expect(JSON.stringify(await stack.engine.export())).not.toContain("polluted");
});

test("a secret that no server can have meant is not kept", async () => {
  let answers = 0;
  const to = (body: object) => (answers++ === 0 ? { ...body, client_secret: "\ufffd" } : body);
  change = { method: "POST", to };
  await stack.declare({ ...program, another: credential({ serviceAccountId: "${deployer.id}" }) });
  await stack.up();
  expect(await stack.signsIn("another")).toBe(true);
  expect((await stack.credentials()).map(({ name }) => name).sort()).toEqual(["another", "key"]);
});

test("an ID that a creation answers, and that is a path, comes neither into the state nor into a path", async () => {
  change = { method: "POST", to: (body) => ({ ...body, id: "../x" }) };
  await stack.declare({ ...program, other: account() });
  // Whether it fails, or finds the account in the list, is another matter.
  await stack.up().catch(() => undefined);
  expect(JSON.stringify(await stack.engine.export())).not.toContain("../x");
  change = undefined;
  await stack.declare(program);
  await stack.up();
  expect((await stack.requests()).filter(({ path }) => /\.\.|%2f/i.test(path))).toEqual([]);
});

describe("an ID in the state that is none", () => {
  test.each(["../x", "a/b", "a?b", "a#b", "%2f", "%2e%2e", "..%2f", "..", ".", "", "x".repeat(300)])(
    "(%j) makes no call",
    async (id) => {
      const { endpoint, clientId, clientSecret, organizationId } = stack.emulator;
      const config: Record<string, string> = { endpoint, clientId, clientSecret };
      host.ServiceAccount.configure({ config: { get: (key) => config[key.replace("keycard:", "")] } });
      const before = (await stack.requests()).length;
      const inputs = { organizationId, name: "a" };
      const elsewhere = { ...inputs, serviceAccountId: id };
      const inside = { ...inputs, serviceAccountId: "sa1" };
      const calls = [
        host.ServiceAccount.read(id, inputs),
        host.ServiceAccount.update(id, inputs, inputs),
        host.ServiceAccount.delete(id, inputs),
        host.ServiceAccountCredential.create(elsewhere),
        ...[
          ["c1", elsewhere],
          [id, inside],
        ].flatMap(([credentialId, props]) => [
          host.ServiceAccountCredential.read(credentialId as string, props as object as typeof inside),
          host.ServiceAccountCredential.update(credentialId as string, {}, props as object as typeof inside),
          host.ServiceAccountCredential.delete(credentialId as string, props as object as typeof inside),
        ]),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { name: "ResourceError" } });
      }
      expect((await stack.requests()).length).toBe(before);
    },
  );

  test("fails a refresh and a destroy, and leaves everything where it is", async () => {
    const { version, deployment } = await stack.engine.export();
    const { id: other } = await stack.keycard.create(stack.emulator.organizationId, { name: "other" });
    const resources = deployment.resources?.map((resource) =>
      resource.urn.endsWith("::key") ? { ...resource, id: `../../${other}?x=` } : resource,
    );
    await stack.engine.import({
      version,
      deployment: { ...deployment, ...(resources ? { resources } : {}) },
    });
    const before = await stack.state();
    for (const operation of [() => stack.refresh(), () => stack.engine.destroy()]) {
      expect(told(await operation().catch((error: unknown) => error))).toContain(
        "Pass the ID as Keycard returned it.",
      );
    }
    expect(await stack.state()).toEqual(before);
    expect((await stack.accounts()).map(({ name }) => name).sort()).toEqual(["deployer", "other"]);
  });
});
