/** `pulumi-keycard drift` knows the credentials of a `RotatingCredential`, and what a killed rotation left. */
import { Gate } from "../../engine/gate";
import { steps, triggered, useStack } from "../../support/stack";
import { findingsOf, summary } from "../../support/stackDrift";

const stack = useStack("emptied");

const drift = async () => summary(await findingsOf(stack));

test("it manages both credentials, and compares name and description of the current one", async () => {
  await stack.apply(triggered("1"));
  await stack.apply(triggered("2"));
  expect(await drift()).toEqual([]);
  const { credentialId, previousCredentialId, serviceAccountId } = await stack.outputs("key");
  const place = { ...stack.organization, service_account_id: String(serviceAccountId) };
  await stack.keycard.credentials.update(String(credentialId), { ...place, name: "renamed" });
  expect(await drift()).toEqual(["changed credential renamed"]);
  // The previous one may go at any time.
  await stack.deleteCredentialByHand(previousCredentialId);
  expect(await drift()).toEqual(["changed credential renamed"]);
  await stack.deleteCredentialByHand(credentialId);
  expect(await drift()).toEqual(["missing credential key"]);
});

test("it reports a previous credential that is overdue and still used", async () => {
  await stack.apply(triggered("1"));
  const first = await stack.outputs("key");
  await stack.apply(triggered("2"));
  await stack.advance("1d");
  await stack.advance("1h");
  expect(await drift()).toEqual([]);
  await stack.signsIn(first);
  expect(await drift()).toEqual(["overdue credential key (1)"]);
  await stack.up();
  expect(await drift()).toEqual([]);
});

test.each([
  ["create", 1, false],
  ["sign-in", 2, true],
])(
  "it reports what an update left that was killed after the %s of a rotation",
  async (_what, call, isUsed) => {
    await stack.apply(triggered("1"));
    const first = await stack.outputs("key");
    const gate = await Gate.open();
    let calls = 0;
    await stack.intercept(async ({ method, path }, act) => {
      const response = await act();
      const isCreate = method === "POST" && path.endsWith("/credentials");
      // The sign-in after the create is that with the new credential.
      if ((isCreate || calls > 0) && ++calls === call) await fetch(gate.url);
      return response;
    });
    const up = stack.apply(triggered("2")).catch(() => undefined);
    await gate.arrivals(1);
    await stack.engine.kill();
    await up;
    gate.release();
    gate.close();
    await stack.configure();

    const found = await findingsOf(stack);
    expect(summary(found)).toEqual(["interrupted credential key (2)"]);
    expect(found[0]?.lastUsedAt !== undefined).toBe(isUsed);
    expect(found[0]?.remedies.map(({ code }) => code).filter(Boolean)).toContain("pulumi up --stack test");
    // The state has lost nothing: the old credential is current, and the next `up` rotates.
    expect(await stack.outputs("key")).toMatchObject({ clientSecret: first["clientSecret"] });
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect([await stack.signsIn("key"), await stack.signsIn(first)]).toEqual([true, true]);
  },
);
