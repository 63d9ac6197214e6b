/** Settings come from the stack's configuration, else from the environment; what is missing is told with its command. */
import { account, credential, Stack, told } from "../stack";

const program = { deployer: account(), key: credential({ serviceAccountId: "${deployer.id}" }) };

let stack: Stack | undefined;
afterEach(() => stack?.close());

test.each([
  ["Keycard's Terraform provider", ["KEYCARD_ENDPOINT", "KEYCARD_CLIENT_ID", "KEYCARD_CLIENT_SECRET"]],
  ["Keycard's client", ["KEYCARD_API_BASE_URL", "KEYCARD_API_CLIENT_ID", "KEYCARD_API_CLIENT_SECRET"]],
])("the environment's names are those of %s; configuring the same is no change", async (_whose, names) => {
  stack = await Stack.open(({ endpoint, clientId, clientSecret, organizationId }) => ({
    [String(names[0])]: endpoint,
    [String(names[1])]: clientId,
    [String(names[2])]: clientSecret,
    KEYCARD_ORGANIZATION_ID: organizationId,
  }));
  await stack.declare(program);
  expect((await stack.up()).changes).toEqual({ create: 3 });
  await stack.configure();
  expect((await stack.up()).changes).toEqual({ same: 3 });
});

test("a ready-made token will do in place of ID and secret", async () => {
  stack = await Stack.open(({ endpoint, apiKey }) => ({
    KEYCARD_ENDPOINT: endpoint,
    KEYCARD_API_API_KEY: apiKey,
  }));
  await stack.engine.setConfig("keycard:organizationId", stack.emulator.organizationId);
  await stack.declare(program);
  expect((await stack.up()).changes).toEqual({ create: 3 });
  expect((await stack.requests()).some(({ operation }) => operation === "token")).toBe(false);
});

test("all that is missing is told, with the commands that set it", async () => {
  stack = await Stack.open(() => ({}));
  await stack.declare({ deployer: account() });
  const messages = told(await stack.preview().catch((error: unknown) => error));
  expect(messages).toContain("pulumi config set keycard:organizationId <ID or label>");
  expect(messages).toContain("pulumi config set keycard:clientId <ID>");
  expect(messages).toContain("pulumi config set --secret keycard:clientSecret");
});

test.each([
  ["timeout", "soon", "keycard:timeout must be a number of seconds"],
  ["endpoint", "http://keycard.example", "keycard:endpoint"],
])("keycard:%s cannot be %s", async (key, value, message) => {
  stack = await Stack.open();
  await stack.engine.setConfig(`keycard:${key}`, value);
  await stack.declare({ deployer: account() });
  expect(told(await stack.preview().catch((error: unknown) => error))).toContain(message);
  expect(await stack.requests()).toEqual([]);
});

test("a timeout is kept, in seconds", async () => {
  stack = await Stack.open();
  await stack.engine.setConfig("keycard:timeout", "0.5");
  await stack.engine.setConfig("keycard:maxRetries", "0");
  await stack.fault({ operation: "listServiceAccounts", delayMs: 3000 });
  await stack.declare({ deployer: account() });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("no response within 500 ms");
});

test("maxRetries is kept", async () => {
  stack = await Stack.open();
  await stack.engine.setConfig("keycard:maxRetries", "1");
  await stack.declare({ deployer: account() });
  await stack.up();
  await stack.fault({ operation: "retrieveServiceAccount", status: 503, retryAfter: 0, times: 100 });
  await expect(stack.refresh()).rejects.toThrow(/503/);
  const calls = (await stack.requests()).filter(({ operation }) => operation === "retrieveServiceAccount");
  expect(calls.length).toBe(2);
});

test("a client secret that is configured in clear is refused", async () => {
  stack = await Stack.open();
  await stack.engine.setConfig("keycard:clientSecret", stack.emulator.clientSecret);
  await stack.declare({ deployer: account() });
  const messages = told(await stack.preview().catch((error: unknown) => error));
  expect(messages).toContain("pulumi config set --secret keycard:clientSecret");
  expect(messages).not.toContain(stack.emulator.clientSecret);
  expect(await stack.requests()).toEqual([]);
});

test("credentials that Keycard refuses are told as such, and nothing is lost", async () => {
  stack = await Stack.open();
  await stack.declare({ deployer: account() });
  await stack.up();
  await stack.engine.setConfig("keycard:clientSecret", "wrong", { secret: true });
  await stack.declare(program);
  const messages = told(await stack.up().catch((error: unknown) => error));
  expect(messages).toContain("Check keycard:clientId and keycard:clientSecret");
  await stack.configure();
  expect((await stack.up()).changes).toEqual({ same: 2, create: 1 });
});
