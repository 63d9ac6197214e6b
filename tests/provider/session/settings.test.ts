/** Settings come from the stack's configuration, else from the environment; an error for a missing setting names the command that sets it. */
import { isNative } from "../../support/provider";
import { account, errorOutput, key, Stack, useStack } from "../../support/stack";

const program = { deployer: account(), key: key() };

describe("from the environment", () => {
  let stack: Stack | undefined;
  afterEach(() => stack?.close());

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
    const messages = await errorOutput(stack.plan({ deployer: account() }));
    expect(messages).toContain("pulumi config set keycard:organizationId <ID or label>");
    expect(messages).toContain("pulumi config set keycard:clientId <ID>");
    expect(messages).toContain("pulumi config set --secret keycard:clientSecret");
  });
});

describe("from the stack's configuration", () => {
  const stack = useStack("emptied");
  let names: string[] = [];
  afterEach(() => set(Object.fromEntries(names.map((name) => [name, ""]))));

  async function set(settings: Record<string, string>): Promise<void> {
    names = Object.keys(settings);
    for (const name of names) await stack.engine.setConfig(`keycard:${name}`, String(settings[name]));
  }

  const plainText = "a-secret-in-plain-text";
  const advice = "pulumi config set --secret keycard:clientSecret";
  const refused = isNative ? [] : [["clientSecret", plainText, advice] as const];

  test.each([
    ["timeout", "soon", "keycard:timeout must be a number of seconds"],
    ["endpoint", "http://keycard.example", "keycard:endpoint"],
    ...refused,
  ] as const)("rejects a keycard:%s of %s before any call", async (name, value, message) => {
    const before = await stack.requests();
    await set({ [name]: value });
    const output = await errorOutput(stack.plan({ deployer: account() }));
    expect(output).toContain(message);
    expect(output).not.toContain(plainText);
    expect(await stack.requests()).toEqual(before);
  });

  if (isNative)
    test("warns of a secret in plain text once, and encrypts it in the state", async () => {
      await set({ clientSecret: stack.emulator.clientSecret });
      const { diagnostics } = await stack.apply(program);
      const warnings = diagnostics.filter(({ severity }) => severity === "warning");
      expect(warnings).toMatchObject([{ message: expect.stringContaining(advice) }]);
      expect(await stack.storedState()).not.toContain(stack.emulator.clientSecret);
    });

  test("applies keycard:timeout, in seconds", async () => {
    await set({ timeout: "0.5", maxRetries: "0" });
    await stack.fault({ operation: "listServiceAccounts", delayMs: 3000 });
    expect(await errorOutput(stack.apply({ deployer: account() }))).toContain("no response within 500 ms");
  });

  test("applies keycard:maxRetries", async () => {
    await set({ maxRetries: "1" });
    await stack.apply({ deployer: account() });
    await stack.fault({ operation: "retrieveServiceAccount", status: 503, retryAfter: 0, times: 100 });
    await expect(stack.refresh()).rejects.toThrow(/503/);
    expect(await stack.countOf("retrieveServiceAccount")).toBe(2);
  });

  test("reports credentials that Keycard rejects, and loses nothing", async () => {
    await stack.apply({ deployer: account() });
    await stack.engine.setConfig("keycard:clientSecret", "wrong", { secret: true });
    const messages = await errorOutput(stack.apply(program));
    expect(messages).toContain("Check keycard:clientId and keycard:clientSecret");
    await stack.configure();
    expect((await stack.up()).changes).toEqual({ same: 2, create: 1 });
  });
});
