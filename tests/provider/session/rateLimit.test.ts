/** A stack of hundreds of resources gets through a rate limit, without failures and without duplicates. */
import { hostOf } from "../../support/host";
import { RETRY_AFTER, fixedWindow } from "../../support/rateLimits";
import { account, credential, useStack } from "../../support/stack";

const PAIRS = 100;
const numbers = Array.from({ length: PAIRS }, (_, index) => index);

const stack = useStack("suite");
let endpoint: string;
let limiter = fixedWindow(5, 1000);
let refused = 0;
let running = 0;
let maximum = 0;

beforeAll(async () => {
  endpoint = await stack.intercept(async (_call, act) => {
    const wait = limiter(performance.now());
    if (wait !== undefined) {
      refused++;
      return { status: 429, body: {}, headers: { "retry-after": RETRY_AFTER.seconds(wait) } };
    }
    maximum = Math.max(maximum, ++running);
    return act().finally(() => running--);
  });
  const pairs = numbers.flatMap((index) => [
    [`account${index}`, account()] as const,
    [`key${index}`, credential({ serviceAccountId: `\${account${index}.id}` })] as const,
  ]);
  await stack.declare(Object.fromEntries(pairs));
});

test("200 resources get through a limit of 5 calls a second, and are created once each", async () => {
  expect((await stack.up()).changes).toEqual({ create: 2 * PAIRS + 1 });
  expect(await stack.countOf("createServiceAccount")).toBe(PAIRS);
  expect(await stack.countOf("createCredential")).toBe(PAIRS);
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(PAIRS);
});

test("a refresh gets through with occasional refusals", async () => {
  let calls = 0;
  limiter = () => (++calls % 20 === 0 ? 0 : undefined);
  refused = 0;
  expect((await stack.refresh()).changes).toEqual({ same: 2 * PAIRS + 1 });
  expect(refused).toBeGreaterThan(0);
});

test("all types together make no more calls at a time than keycard:maxConcurrency allows", async () => {
  await stack.fault({ operation: "*", delayMs: 20, times: 100 });
  limiter = () => undefined;
  maximum = 0;
  const { organizationId } = stack.emulator;
  const settings = { endpoint, maxConcurrency: "3" };
  const { ServiceAccount, ServiceAccountCredential } = hostOf(stack.emulator, settings);
  const { id: serviceAccountId } = await ServiceAccount.create({ name: "a", organizationId });
  // Creates of equal name in one place would run one at a time.
  const inputs = numbers.slice(0, 10).map((index) => {
    return { serviceAccountId, name: `one of many ${index}`, organizationId };
  });
  await Promise.all(
    inputs.flatMap((each) => [ServiceAccount.create(each), ServiceAccountCredential.create(each)]),
  );
  expect(maximum).toBe(3);
});
