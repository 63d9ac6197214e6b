/** No secret stands in clear in any file that holds state, in anything that the user is told, or in `__provider`. */
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import type { Emulator } from "pulumi-keycard/emulator";
import { Stack, account, credential } from "../stack";
import { tamper } from "../tamper";
import type { Proxy } from "../tamper";

let stack: Stack;
let proxy: Proxy;
const secrets = new Set<string>();

function program(name: string, description: string, replacementTrigger: string) {
  const options = { replacementTrigger };
  return {
    deployer: account({ name, description }),
    key: credential({ serviceAccountId: "${deployer.id}", name, description }, options),
  };
}

/** Every file in a folder and in those within it. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

/** Notes every secret and every token on its way, and spoils one answer that tells a secret. */
function tapped({ endpoint }: Emulator): Promise<Proxy> {
  let spoiled = false;
  return tamper({ endpoint }, async (_call, act) => {
    const { status, body } = await act();
    const told = Object(body) as { client_secret?: string; access_token?: string };
    for (const secret of [told.client_secret, told.access_token]) if (secret) secrets.add(secret);
    if (spoiled || !told.client_secret) return { status, body };
    spoiled = true;
    return { status, body: { ...told, created_at: [told.client_secret] } };
  });
}

// A whole life, with all that can go wrong in it, and every secret that was handed out on the way.
beforeAll(async () => {
  stack = await Stack.open(() => ({ KEYCARD_API_LOG: "debug" }));
  await stack.configure();
  proxy = await tapped(stack.emulator);
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  secrets.add(stack.emulator.clientSecret).add(stack.emulator.apiKey);
  await stack.declare(program("first", "first", "1"));
  await stack.preview();
  await stack.up();
  await stack.declare(program("second", "second", "1"));
  await stack.up();
  await stack.declare(program("second", "second", "2"));
  await stack.preview();
  await stack.up();
  await stack.fault({ operation: "updateCredential", status: 422, times: 9 });
  await stack.declare(program("third", "third", "2"));
  await expect(stack.up()).rejects.toThrow(/422/);
  await stack.fault({ operation: "*", status: 401, times: 99 });
  await expect(stack.refresh()).rejects.toThrow(/401/);
  await stack.clearFaults();
  await stack.deleteByHand("key");
  await stack.refresh();
  await stack.up();
});
afterAll(async () => {
  await stack.close();
  proxy.close();
});

test("every secret in the state is one of those that are looked for, and signs in", async () => {
  expect(secrets).toContain((await stack.outputs("key"))["clientSecret"]);
  expect(await stack.signsIn("key")).toBe(true);
  // Pulumi's own and the ready-made token, those of three credentials, and a token of each operation.
  expect(secrets.size).toBeGreaterThanOrEqual(2 + 3 + 6);
});

test("the state and all its copies hold them only encrypted", async () => {
  const files = await filesIn(stack.engine.stateFolder);
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  // What is searched is what is meant: there are copies, with the resources in them, and with encrypted values.
  expect(
    texts.filter((text) => text.includes("dynamic/keycard:ServiceAccountCredential")).length,
  ).toBeGreaterThan(1);
  expect(texts.some((text) => text.includes('"ciphertext"'))).toBe(true);
  for (const secret of secrets) {
    for (const spelling of [
      secret,
      Buffer.from(secret).toString("base64").replace(/=+$/, ""),
      encodeURIComponent(secret),
    ]) {
      expect(files.filter((_, index) => texts[index]?.includes(spelling))).toEqual([]);
    }
  }
});

test("nothing that the user is told holds them, not even with all that the client logs", () => {
  const told = stack.log.join("\n");
  expect(told).toContain("deployer");
  expect(told).toMatch(/keycard: POST \/service-account-token: 200 after \d+ ms/);
  expect([...secrets].filter((secret) => told.includes(secret))).toEqual([]);
});

test("`clientSecret` is marked secret, and is the only secret of its resource", async () => {
  const { deployment } = await stack.engine.export();
  const key = deployment.resources?.find(({ type }) => type.endsWith(":ServiceAccountCredential"));
  expect(key?.["additionalSecretOutputs"]).toEqual(["clientSecret"]);
  expect(
    Object.entries(key?.outputs ?? {})
      .filter(([, value]) => typeof value === "object")
      .map(([name]) => name),
  ).toEqual(["clientSecret"]);
});

test("`__provider` is short, the same for every resource of a type, and for good", async () => {
  const { deployment } = await stack.engine.export();
  const texts = Object.fromEntries(
    (deployment.resources ?? [])
      .filter(({ inputs }) => inputs?.["__provider"] !== undefined)
      .map(({ type, inputs, outputs }) => {
        expect(outputs?.["__provider"]).toBe(inputs?.["__provider"]);
        return [type.split(":").at(-1), inputs?.["__provider"]];
      }),
  );
  // States name these texts for ever: a release that changes one breaks what people have.
  const text = (type: string): string => `exports.handler=()=>require("pulumi-keycard/host").${type}`;
  expect(texts).toEqual({
    ServiceAccount: text("ServiceAccount"),
    ServiceAccountCredential: text("ServiceAccountCredential"),
  });
  for (const each of Object.values(texts)) expect(Buffer.byteLength(String(each))).toBeLessThan(80);
});
