/** A company's egress proxy: nothing reaches Keycard but through it. */
import { runIn } from "../../support/command";
import { EgressProxy } from "../../support/egressProxy";
import { account, errorOutput, key, lookup, Stack } from "../../support/stack";

let proxy: EgressProxy;
let stack: Stack;
let env: Record<string, string>;

beforeAll(async () => {
  stack = await Stack.open(async (emulator) => {
    proxy = await EgressProxy.start(emulator);
    const { apiKey: KEYCARD_API_KEY, organizationId: KEYCARD_ORGANIZATION_ID } = emulator;
    return (env = { ...proxy.env, KEYCARD_API_KEY, KEYCARD_ORGANIZATION_ID });
  });
});
afterAll(async () => {
  await stack.close();
  await proxy.close();
});

const program = { deployer: account(), key: key(), all: lookup("getServiceAccountsOutput", {}) };

test("resources and lookups use the proxy, and the state does not know it", async () => {
  expect((await stack.apply(program)).changes).toEqual({ create: 3 });
  expect(await stack.signsIn("key")).toBe(true);
  expect(proxy.tunnels.length).toBeGreaterThan(2);
  expect(await stack.storedState()).not.toMatch(/pa\$|pa%24|egress/);
});

test("a refusal of the proxy is an error that shows neither user nor password, and the next up continues", async () => {
  proxy.status = 407;
  const output = await errorOutput(stack.apply({ deployer: account(), key: key(), next: account() }));
  expect(output).toContain(
    `the proxy ${proxy.url.host}: it refused the tunnel with status 407. Check HTTPS_PROXY and NO_PROXY`,
  );
  expect(output).not.toMatch(/pa\$|pa%24|egress/);
  expect((await stack.state()).some(({ urn }) => urn.endsWith("next"))).toBe(false);
  proxy.status = 200;
  expect((await stack.up()).changes).toEqual({ create: 1, same: 3 });
});

test("the commands use the proxy", async () => {
  const before = proxy.tunnels.length;
  const { stdout } = await runIn({ env: { PATH: process.env["PATH"], ...env } }, "adopt");
  expect(stdout).toMatch(/new keycard.ServiceAccount\(\s+"deployer"/);
  expect(proxy.tunnels.length).toBeGreaterThan(before);
});
