/** An error that all resources have in common is shown once, under the stack. */
import { EngineError } from "../../engine";
import { account, useStack } from "../../support/stack";

const stack = useStack("emptied");

const programOf = (args: object) =>
  Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`account-${index}`, account(args)]));
const [program, changed] = [programOf({}), programOf({ description: "new" })];

/** Returns how often a failure's text stands under the stack and under resources, and the different messages under these. */
async function summaryOf(operation: Promise<unknown>, text: string) {
  const failure = await operation.catch((error: unknown) => error);
  if (!(failure instanceof EngineError)) throw new Error("the operation should have failed");
  const { diagnostics } = failure.outcome;
  const ofResources = diagnostics.filter(({ urn }) => urn?.includes("keycard:"));
  const count = (some: typeof diagnostics) => some.filter(({ message }) => message.includes(text)).length;
  return {
    underStack: count(diagnostics) - count(ofResources),
    underResources: count(ofResources),
    resourcesSay: [...new Set(ofResources.map(({ message }) => message.replace(/^.* has a problem: /, "")))],
  };
}

/** Expects that an operation shows a message once, under the stack, and that each resource only refers to it. */
async function expectOnce(operation: Promise<unknown>, text: string, summary: string): Promise<void> {
  expect(await summaryOf(operation, text)).toEqual({
    underStack: 1,
    underResources: 0,
    resourcesSay: [`${summary}: see the message under pulumi:pulumi:Stack.`],
  });
}

test("a wrong secret", async () => {
  await stack.engine.setConfig("keycard:clientSecret", "wrong", { secret: true });
  await expectOnce(
    stack.apply(program),
    "sign-in refused: status 401",
    "Sign-in to Keycard failed (invalid_client)",
  );
});

test("a server that cannot be reached, although every request has its own path and ID", async () => {
  await stack.apply(program);
  await stack.engine.setConfig("keycard:endpoint", "http://127.0.0.1:1");
  await stack.declare(changed);
  await expectOnce(
    stack.up(),
    "Check the network and keycard:endpoint",
    "Keycard could not be reached (ECONNREFUSED)",
  );
});

test("a missing setting, which each resource rejects in the preview with a single sentence", async () => {
  await stack.engine.setConfig("keycard:clientId", "");
  await stack.declare(program);
  await expectOnce(
    stack.preview(),
    "Pulumi needs a client ID",
    "The settings for Keycard (keycard:… or KEYCARD_…) are incomplete or invalid",
  );
});

test("an organization that is not found", async () => {
  await stack.engine.setConfig("keycard:organizationId", "elsewhere");
  await expectOnce(
    stack.apply(program),
    'Organization "elsewhere" was not found',
    "The organization was not found",
  );
});

test("an error of a single resource stays with that resource", async () => {
  await stack.fault({ operation: "createServiceAccount", status: 422, times: 1 });
  const { underStack, underResources } = await summaryOf(stack.apply(program), "status 422");
  expect([underStack, underResources]).toEqual([0, 1]);
});

test("a rate limit that calls are not even sent for, although every call has its own path and ID", async () => {
  await stack.apply(program);
  await stack.declare(changed);
  await stack.engine.setConfig("keycard:maxConcurrency", "1");
  await stack.fault({ operation: "updateServiceAccount", status: 429, retryAfter: 61, times: 99 });
  const { underStack, underResources, resourcesSay } = await summaryOf(
    stack.up(),
    "Run the command again later",
  );
  // One for the calls that were rejected, and one for those that were not sent.
  expect(underStack).toBe(resourcesSay.length);
  expect([underStack <= 2, underResources]).toEqual([true, 0]);
});
