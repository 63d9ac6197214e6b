/** A stack of hundreds of resources gets through a rate limit, with no failure and nothing doubled. */
import { ServiceAccount, ServiceAccountCredential } from "pulumi-keycard/host";
import { RETRY_AFTER, fixedWindow } from "../../support/rateLimits";
import { account, credential, Stack, operations } from "../stack";
import { tamper } from "../tamper";
import type { Proxy } from "../tamper";

const PAIRS = 100;
const numbers = Array.from({ length: PAIRS }, (_, index) => index);

let stack: Stack;
let proxy: Proxy;
let limiter = fixedWindow(5, 1000);
let refused = 0;
let underWay = 0;
let most = 0;

beforeAll(async () => {
  stack = await Stack.open();
  const target = { endpoint: stack.emulator.endpoint };
  proxy = await tamper(target, async (_call, act) => {
    const wait = limiter(performance.now());
    if (wait !== undefined) {
      refused++;
      return { status: 429, body: {}, headers: { "retry-after": RETRY_AFTER.seconds(wait) } };
    }
    most = Math.max(most, ++underWay);
    return act().finally(() => underWay--);
  });
  await stack.engine.setConfig("keycard:endpoint", proxy.endpoint);
  const pairs = numbers.flatMap((index) => [
    [`account${index}`, account()] as const,
    [`key${index}`, credential({ serviceAccountId: `\${account${index}.id}` })] as const,
  ]);
  await stack.declare(Object.fromEntries(pairs));
});
afterAll(async () => {
  proxy.close();
  await stack.close();
});

test("200 resources are made through a limit of 5 calls a second, each once", async () => {
  expect((await stack.up()).changes).toEqual({ create: 2 * PAIRS + 1 });
  const made = operations(await stack.requests());
  expect(made.filter((operation) => operation === "createServiceAccount")).toHaveLength(PAIRS);
  expect(made.filter((operation) => operation === "createCredential")).toHaveLength(PAIRS);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(PAIRS);
});

test("and read with refusals now and then", async () => {
  let calls = 0;
  limiter = () => (++calls % 20 === 0 ? 0 : undefined);
  refused = 0;
  expect((await stack.refresh()).changes).toEqual({ same: 2 * PAIRS + 1 });
  expect(refused).toBeGreaterThan(0);
});

test("no more calls are under way than keycard:maxConcurrency says, whatever type they are of", async () => {
  const { emulator } = stack;
  await stack.fault({ operation: "*", delayMs: 20, times: 100 });
  limiter = () => undefined;
  most = 0;
  const configuration: Record<string, string> = {
    "keycard:endpoint": proxy.endpoint,
    "keycard:apiKey": emulator.apiKey,
    "keycard:maxConcurrency": "3",
  };
  ServiceAccount.configure({ config: { get: (key) => configuration[key] } });
  const { organizationId } = emulator;
  const { id } = await ServiceAccount.create({ name: "a", organizationId });
  // Creates of equal name in one place would run one at a time.
  const inputs = (number: number) => ({
    serviceAccountId: id,
    name: `one of many ${number}`,
    organizationId,
  });
  await Promise.all(
    numbers
      .slice(0, 10)
      .map(inputs)
      .flatMap((each) => [ServiceAccount.create(each), ServiceAccountCredential.create(each)]),
  );
  expect(most).toBe(3);
});
