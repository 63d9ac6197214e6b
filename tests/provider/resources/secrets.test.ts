/** No secret appears in clear in a file that holds state, in anything that the user is shown, or in `__provider`. */
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { isNative, tokenOf } from "../../support/provider";
import { account, errorOutput, key, rotating, Stack } from "../../support/stack";

let stack: Stack;
let output: string;
const secrets = new Set<string>(["reason-1", "reason-2", "reason-3"]);

function program(name: string, replacementTrigger: string, reason = replacementTrigger) {
  const args = { name, description: name };
  const rotateWhenChanged = { breach: { secret: `reason-${reason}` } };
  return {
    deployer: account(args),
    key: key(args, { replacementTrigger }),
    rotated: rotating({ rotateWhenChanged }),
  };
}

// A whole lifecycle with failures, in which every secret and every token is recorded on its way, and one response with a secret is malformed.
beforeAll(async () => {
  stack = await Stack.open(() => ({ KEYCARD_API_LOG: "debug" }));
  await stack.configure();
  await stack.intercept(async (_call, act) => {
    const { status, body } = await act();
    const { name, client_secret, access_token } = Object(body) as Record<string, string | undefined>;
    for (const secret of [client_secret, access_token]) if (secret) secrets.add(secret);
    if (name !== "first" || !client_secret) return { status, body };
    return { status, body: { ...Object(body), created_at: [client_secret] } };
  });
  secrets.add(stack.emulator.clientSecret).add(stack.emulator.apiKey);
  await stack.plan(program("first", "1"));
  await stack.up();
  await stack.apply(program("second", "1"));
  await stack.plan(program("second", "2"));
  await stack.up();
  const refused = { operation: "updateCredential", status: 422, times: 9 } as const;
  expect(await stack.failToApply(program("third", "2"), refused)).toContain("422");
  await stack.fault({ operation: "*", status: 401, times: 99 });
  expect(await errorOutput(stack.refresh())).toContain("401");
  await stack.clearFaults();
  await stack.deleteByHand("key");
  await stack.refresh();
  await stack.up();
  // The third secret of the rotating credential stays pending, beside the other two.
  const noSignIn = { operation: "token", skip: 1, times: 9, status: 401 } as const;
  output = await stack.failToApply(program("third", "2", "3"), noSignIn);
  await stack.refresh();
  await stack.preview();
});
afterAll(() => stack.close());

test("the recorded secrets include those in the state: current, previous and pending ones", async () => {
  expect(secrets).toContain((await stack.outputs("key"))["clientSecret"]);
  expect(await stack.signsIn("key")).toBe(true);
  const outputs = await stack.outputs("rotated");
  for (const name of ["clientSecret", "previousClientSecret", "pendingClientSecret"])
    expect(secrets).toContain(outputs[name]);
  // Pulumi's own secret and the ready-made token, the reasons, the secrets of six credentials, and a token of each operation.
  expect(secrets.size).toBeGreaterThanOrEqual(2 + 3 + 6 + 6);
});

test("the state and all its copies contain secrets only encrypted", async () => {
  const entries = await readdir(stack.engine.stateFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile()).map((file) => path.join(file.parentPath, file.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  // The files are the right ones: several contain the resources, and encrypted values.
  for (const type of ["ServiceAccountCredential", "RotatingCredential"])
    expect(texts.filter((text) => text.includes(tokenOf(type))).length).toBeGreaterThan(1);
  expect(texts.some((text) => text.includes('"ciphertext"'))).toBe(true);
  for (const secret of secrets) {
    const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
    for (const spelling of [secret, base64, encodeURIComponent(secret)])
      expect(files.filter((_, index) => texts[index]?.includes(spelling))).toEqual([]);
  }
});

test("nothing that the user is shown contains a secret, even with the client's debug log", () => {
  const shown = [output, ...stack.log].join("\n");
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
  const expected = {
    ServiceAccount: 'exports.handler=()=>require("pulumi-keycard/host").ServiceAccount',
    ServiceAccountCredential: 'exports.handler=()=>require("pulumi-keycard/host").ServiceAccountCredential',
    RotatingCredential: 'exports.handler=()=>require("pulumi-keycard/host").RotatingCredential',
  };
  expect(Object.fromEntries(texts)).toEqual(isNative ? {} : expected);
  for (const [, text] of texts) expect(Buffer.byteLength(String(text))).toBeLessThan(80);
});
