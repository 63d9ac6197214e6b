/** No secret appears in clear in a file that holds state, in anything that the user is shown, or in `__provider`. */
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { account, errorOutput, key, Stack } from "../../support/stack";

let stack: Stack;
const secrets = new Set<string>();

function program(name: string, replacementTrigger: string) {
  const args = { name, description: name };
  return { deployer: account(args), key: key(args, { replacementTrigger }) };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

// A whole lifecycle with failures, in which every secret and every token is recorded on its way, and one response with a secret is malformed.
beforeAll(async () => {
  stack = await Stack.open(() => ({ KEYCARD_API_LOG: "debug" }));
  await stack.configure();
  let isSpoiled = false;
  await stack.intercept(async (_call, act) => {
    const { status, body } = await act();
    const { client_secret, access_token } = Object(body) as Record<string, string | undefined>;
    for (const secret of [client_secret, access_token]) if (secret) secrets.add(secret);
    if (isSpoiled || !client_secret) return { status, body };
    isSpoiled = true;
    return { status, body: { ...Object(body), created_at: [client_secret] } };
  });
  secrets.add(stack.emulator.clientSecret).add(stack.emulator.apiKey);
  await stack.declare(program("first", "1"));
  await stack.preview();
  await stack.up();
  await stack.apply(program("second", "1"));
  await stack.declare(program("second", "2"));
  await stack.preview();
  await stack.up();
  await stack.fault({ operation: "updateCredential", status: 422, times: 9 });
  await expect(stack.apply(program("third", "2"))).rejects.toThrow(/422/);
  await stack.fault({ operation: "*", status: 401, times: 99 });
  expect(await errorOutput(stack.refresh())).toContain("401");
  await stack.clearFaults();
  await stack.deleteByHand("key");
  await stack.refresh();
  await stack.up();
});
afterAll(() => stack.close());

test("the recorded secrets include the one in the state, which signs in", async () => {
  expect(secrets).toContain((await stack.outputs("key"))["clientSecret"]);
  expect(await stack.signsIn("key")).toBe(true);
  // Pulumi's own secret and the ready-made token, the secrets of three credentials, and a token of each operation.
  expect(secrets.size).toBeGreaterThanOrEqual(2 + 3 + 6);
});

test("the state and all its copies contain secrets only encrypted", async () => {
  const files = await filesIn(stack.engine.stateFolder);
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  // The files are the right ones: several contain the resources, and encrypted values.
  const withResources = texts.filter((text) => text.includes("dynamic/keycard:ServiceAccountCredential"));
  expect(withResources.length).toBeGreaterThan(1);
  expect(texts.some((text) => text.includes('"ciphertext"'))).toBe(true);
  for (const secret of secrets) {
    const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
    for (const spelling of [secret, base64, encodeURIComponent(secret)])
      expect(files.filter((_, index) => texts[index]?.includes(spelling))).toEqual([]);
  }
});

test("nothing that the user is shown contains a secret, even with the client's debug log", () => {
  const shown = stack.log.join("\n");
  expect(shown).toContain("deployer");
  expect(shown).toMatch(/keycard: POST \/service-account-token: 200 after \d+ ms/);
  expect([...secrets].filter((secret) => shown.includes(secret))).toEqual([]);
});

test("`clientSecret` is the only secret output of its resource", async () => {
  const { deployment } = await stack.engine.export();
  const stored = deployment.resources?.find(({ type }) => type.endsWith(":ServiceAccountCredential"));
  expect(stored?.["additionalSecretOutputs"]).toEqual(["clientSecret"]);
  const objects = Object.entries(stored?.outputs ?? {}).filter(([, value]) => typeof value === "object");
  expect(objects.map(([name]) => name)).toEqual(["clientSecret"]);
});

test("`__provider` is short, and the same for all resources of a type in all releases", async () => {
  const { deployment } = await stack.engine.export();
  const ours = (deployment.resources ?? []).filter(({ inputs }) => inputs?.["__provider"] !== undefined);
  const texts = ours.map(({ type, inputs, outputs }) => {
    expect(outputs?.["__provider"]).toBe(inputs?.["__provider"]);
    return [type.split(":").at(-1), inputs?.["__provider"]];
  });
  // States keep these texts for ever: a release that changes one breaks existing stacks.
  expect(Object.fromEntries(texts)).toEqual({
    ServiceAccount: 'exports.handler=()=>require("pulumi-keycard/host").ServiceAccount',
    ServiceAccountCredential: 'exports.handler=()=>require("pulumi-keycard/host").ServiceAccountCredential',
  });
  for (const [, text] of texts) expect(Buffer.byteLength(String(text))).toBeLessThan(80);
});
