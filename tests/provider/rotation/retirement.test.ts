/** When a `RotatingCredential` revokes its previous credential, and when it keeps it for longer. */
import { account, messagesOf, rotating, steps, useStack } from "../../support/stack";

const stack = useStack("emptied");

const HOUR = 60 * 60 * 1000;

const program = (args: object) => ({ deployer: account(), key: rotating(args) });

/** A stack whose credential has just rotated by its age; returns the outputs before and after. */
async function rotated() {
  await stack.apply(program({ rotateAfter: "30d", keepPreviousFor: "7d" }));
  const first = await stack.outputs("key");
  await stack.advance("30d");
  await stack.up();
  return { first, second: await stack.outputs("key") };
}

test("a credential that is still in use is kept, with a warning, and revoked once it is not", async () => {
  const { first } = await rotated();
  await stack.advance(`${7 * 24 * HOUR - 60_000}ms`);
  expect(steps(await stack.preview())).toEqual([]);
  await stack.advance("1h");
  expect(await stack.signsIn(first)).toBe(true);
  const preview = await stack.preview();
  expect(steps(preview)).toEqual([]);
  const kept = `keeps its previous client ID ${first["clientId"]}: it was last used at `;
  expect(messagesOf(preview)).toContain(kept);
  const outcome = await stack.up();
  expect(steps(outcome)).toEqual([]);
  expect(messagesOf(outcome)).toContain(kept);
  expect(messagesOf(outcome)).toMatch(
    /Give whatever uses it the new client ID and secret: the first `pulumi up` after \d{4}-\d\d-\d\dT/,
  );
  expect(await stack.signsIn(first)).toBe(true);
  await stack.advance("25h");
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect(await stack.signsIn(first)).toBe(false);
});

test("it is kept for `keepPreviousFor` at most", async () => {
  const { first } = await rotated();
  await stack.advance("14d");
  await stack.advance("1m");
  expect(await stack.signsIn(first)).toBe(true);
  const outcome = await stack.up();
  expect(messagesOf(outcome)).toContain("and whatever still uses it will no longer be able to sign in");
  expect(await stack.signsIn(first)).toBe(false);
});

test("it does not outlast the next rotation", async () => {
  const { first, second } = await rotated();
  await stack.advance("30d");
  expect(await stack.signsIn(first)).toBe(true);
  await stack.up();
  expect([await stack.signsIn(first), await stack.signsIn(second)]).toEqual([false, true]);
});

test("a use after the preview still saves it: the use is read just before the deletion", async () => {
  const { first } = await rotated();
  await stack.advance("9d");
  expect(steps(await stack.preview())).toEqual(["update key"]);
  let isUsed = false;
  await stack.intercept(async ({ method, path }, act) => {
    // The second read of the credential is that of the update, after the one of the diff.
    if (method === "GET" && path.includes(String(first["credentialId"]))) {
      const response = await act();
      if (!isUsed) await stack.signsIn(first);
      isUsed = true;
      return response;
    }
    return act();
  });
  const outcome = await stack.up();
  expect(messagesOf(outcome)).toContain("keeps its previous client ID");
  expect(await stack.signsIn(first)).toBe(true);
});

test("after a rotation on demand, use does not save it: a warning says when it was used", async () => {
  const when = (breach: string) => program({ keepPreviousFor: "2h", rotateWhenChanged: { breach } });
  await stack.apply(when("1"));
  const first = await stack.outputs("key");
  await stack.apply(when("2"));
  await stack.advance(`${3 * HOUR}ms`);
  expect(await stack.signsIn(first)).toBe(true);
  const outcome = await stack.up();
  expect(messagesOf(outcome)).toMatch(
    /it was last used at .*, and whatever still uses it will no longer be able to sign in/,
  );
  expect(await stack.signsIn(first)).toBe(false);
});

test("the credential that Pulumi signs in with is never revoked", async () => {
  const { first } = await rotated();
  const [{ id } = { id: "" }] = await stack.accounts();
  // The emulator gives accounts no permissions, so the proxy signs in as the administrator.
  await stack.intercept(undefined, { endpoint: stack.emulator.endpoint, authorizeAs: stack.emulator.apiKey });
  await stack.engine.setConfig("keycard:clientId", String(first["clientId"]));
  await stack.engine.setConfig("keycard:clientSecret", String(first["clientSecret"]), { secret: true });
  await stack.advance("20d");
  const outcome = await stack.up();
  expect(steps(outcome)).toEqual([]);
  expect(messagesOf(outcome)).toContain(
    `keeps its previous client ID ${first["clientId"]}: Pulumi signs in with it`,
  );
  await stack.advance("10d");
  const rotation = await stack.up();
  expect(messagesOf(rotation)).toContain(
    `keeps its earlier client ID ${first["clientId"]}: Pulumi signs in with it`,
  );
  expect(steps(await stack.refresh())).toEqual([]);
  expect(steps(await stack.up())).toEqual([]);
  const { items } = await stack.keycard.credentials.list(id, stack.organization);
  expect(items.map(({ name }) => name)).toEqual(["key (1)", "key (2)", "key (3)"]);
  const removal = await stack.apply({ deployer: account() });
  expect(messagesOf(removal)).toContain(
    `Client ID ${first["clientId"]} is not revoked: Pulumi signs in with it`,
  );
  expect(await stack.credentialNames()).toEqual(["key (1)"]);
});
