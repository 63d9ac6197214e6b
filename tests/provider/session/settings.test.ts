/** Settings come from the stack's configuration, else from the environment; an error for a missing setting names the command that sets it. */
import { account, errorOutput, key, Stack } from "../../support/stack";

const program = { deployer: account(), key: key() };

let stack: Stack | undefined;
afterEach(() => stack?.close());

/** Opens a stack with these settings beside the usual ones. */
async function configured(settings: Record<string, string> = {}): Promise<Stack> {
  stack = await Stack.open();
  for (const [name, value] of Object.entries(settings))
    await stack.engine.setConfig(`keycard:${name}`, value);
  return stack;
}

test.each([
  ["Keycard's Terraform provider", ["KEYCARD_ENDPOINT", "KEYCARD_CLIENT_ID", "KEYCARD_CLIENT_SECRET"]],
  ["Keycard's client", ["KEYCARD_API_BASE_URL", "KEYCARD_API_CLIENT_ID", "KEYCARD_API_CLIENT_SECRET"]],
])(
  "reads the environment variables of %s; configuring the same values changes nothing",
  async (_whose, names) => {
    const [endpointName = "", idName = "", secretName = ""] = names;
    stack = await Stack.open(({ endpoint, clientId, clientSecret, organizationId }) => ({
      [endpointName]: endpoint,
      [idName]: clientId,
      [secretName]: clientSecret,
      KEYCARD_ORGANIZATION_ID: organizationId,
    }));
    expect((await stack.apply(program)).changes).toEqual({ create: 3 });
    await stack.configure();
    expect((await stack.up()).changes).toEqual({ same: 3 });
  },
);

test("accepts a ready-made token in place of a client ID and secret", async () => {
  stack = await Stack.open(({ endpoint, apiKey }) => ({
    KEYCARD_ENDPOINT: endpoint,
    KEYCARD_API_API_KEY: apiKey,
  }));
  await stack.engine.setConfig("keycard:organizationId", stack.emulator.organizationId);
  expect((await stack.apply(program)).changes).toEqual({ create: 3 });
  expect(await stack.countOf("token")).toBe(0);
});

test("reports all missing settings, with the commands that set them", async () => {
  stack = await Stack.open(() => ({}));
  await stack.declare({ deployer: account() });
  const messages = await errorOutput(stack.preview());
  expect(messages).toContain("pulumi config set keycard:organizationId <ID or label>");
  expect(messages).toContain("pulumi config set keycard:clientId <ID>");
  expect(messages).toContain("pulumi config set --secret keycard:clientSecret");
});

test.each([
  ["timeout", "soon", "keycard:timeout must be a number of seconds"],
  ["endpoint", "http://keycard.example", "keycard:endpoint"],
])("rejects a keycard:%s of %s", async (name, value, message) => {
  stack = await configured({ [name]: value });
  await stack.declare({ deployer: account() });
  expect(await errorOutput(stack.preview())).toContain(message);
  expect(await stack.requests()).toEqual([]);
});

test("applies keycard:timeout, in seconds", async () => {
  stack = await configured({ timeout: "0.5", maxRetries: "0" });
  await stack.fault({ operation: "listServiceAccounts", delayMs: 3000 });
  expect(await errorOutput(stack.apply({ deployer: account() }))).toContain("no response within 500 ms");
});

test("applies keycard:maxRetries", async () => {
  stack = await configured({ maxRetries: "1" });
  await stack.apply({ deployer: account() });
  await stack.fault({ operation: "retrieveServiceAccount", status: 503, retryAfter: 0, times: 100 });
  await expect(stack.refresh()).rejects.toThrow(/503/);
  expect(await stack.countOf("retrieveServiceAccount")).toBe(2);
});

test("rejects a client secret that is configured in plain text", async () => {
  stack = await Stack.open();
  const { clientSecret } = stack.emulator;
  await stack.engine.setConfig("keycard:clientSecret", clientSecret);
  await stack.declare({ deployer: account() });
  const messages = await errorOutput(stack.preview());
  expect(messages).toContain("pulumi config set --secret keycard:clientSecret");
  expect(messages).not.toContain(clientSecret);
  expect(await stack.requests()).toEqual([]);
});

test("reports credentials that Keycard rejects, and loses nothing", async () => {
  stack = await Stack.open();
  await stack.apply({ deployer: account() });
  await stack.engine.setConfig("keycard:clientSecret", "wrong", { secret: true });
  const messages = await errorOutput(stack.apply(program));
  expect(messages).toContain("Check keycard:clientId and keycard:clientSecret");
  await stack.configure();
  expect((await stack.up()).changes).toEqual({ same: 2, create: 1 });
});
