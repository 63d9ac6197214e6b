/** When a `RotatingCredential` rotates, what it keeps, and what the preview says: see docs/rotation.md. */
import { documented } from "../../docs";
import { account, errorOutput, exclusive, messagesOf, rotating, steps, useStack } from "../../support/stack";

const stack = useStack("test");

const program = (args: object = {}, options: object = {}) => ({
  deployer: account(),
  key: rotating(args, options),
});

/** A trigger with a value. */
const when = (breach: string, args: object = {}) => program({ ...args, rotateWhenChanged: { breach } });

test("rotates in place at its age, keeps the previous credential for its time, and then revokes it", async () => {
  await stack.apply(program({ rotateAfter: "30d", keepPreviousFor: "7d" }));
  const first = await stack.outputs("key");
  const [created] = await stack.credentials();
  expect(created).toMatchObject({ name: "key (1)", client_id: first["clientId"] });
  expect(first).toMatchObject({ name: "key", rotatedAt: created?.created_at, credentialIds: [created?.id] });
  await stack.advance("29d");
  expect(steps(await stack.up())).toEqual([]);

  await stack.advance("1d");
  const preview = await stack.preview();
  expect(steps(preview)).toEqual(["update key"]);
  expect(messagesOf(preview)).toMatch(
    new RegExp(
      '^The credential "key" rotates, because it is 30 days old, and `rotateAfter` is 30d\\. ' +
        `Client ID ${first["clientId"]} remains valid until about \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z\\.$`,
      "m",
    ),
  );
  const [shown = ""] = /^The credential "key" rotates.*$/m.exec(messagesOf(preview)) ?? [];
  const dated = shown.replace(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "2026-12-04T03:17:09Z");
  const example = dated.replaceAll(String(first["clientId"]), "p6m7luz5dzamfwh523kecb6yym");
  await documented("rotation.md", "preview", `\`\`\`text\n${example}\n\`\`\``);
  expect((await stack.credentials()).length).toBe(1);
  expect(steps(await stack.up())).toEqual(["update key"]);
  const second = await stack.outputs("key");
  expect(second["id"]).toBe(first["id"]);
  expect(second).toMatchObject({
    previousClientId: first["clientId"],
    previousClientSecret: first["clientSecret"],
  });
  expect((await stack.credentials()).map(({ name }) => name)).toEqual(["key (1)", "key (2)"]);
  expect([await stack.signsIn(second), await stack.signsIn(first)]).toEqual([true, true]);
  expect(Date.parse(String(second["previousRetiresAt"])) - Date.parse(String(second["rotatedAt"]))).toBe(
    7 * 24 * 3600 * 1000,
  );

  await stack.advance("8d");
  const retirement = await stack.preview();
  expect(steps(retirement)).toEqual(["update key"]);
  expect(messagesOf(retirement)).toContain(
    `revokes its previous client ID ${first["clientId"]}: it was last`,
  );
  expect(steps(await stack.up())).toEqual(["update key"]);
  expect([await stack.signsIn(second), await stack.signsIn(first)]).toEqual([true, false]);
  const last = await stack.outputs("key");
  expect(last["credentialIds"]).toEqual([last["credentialId"]]);
  expect(Object.keys(last).filter((output) => output.startsWith("previous"))).toEqual([]);
});

test("an `up` with nothing due changes nothing, and asks Keycard for its time once", async () => {
  const three = { a: rotating({ rotateAfter: "30d" }), b: rotating({ rotateAfter: "9d" }), c: rotating() };
  await stack.apply({ deployer: account(), ...three });
  const before = (await stack.operations()).length;
  expect(steps(await stack.up())).toEqual([]);
  expect(await stack.operations(before)).toEqual(["token"]);
});

test("what is due is no drift", async () => {
  await stack.apply(program({ rotateAfter: "30d", keepPreviousFor: "7d" }));
  await stack.advance("31d");
  expect(steps(await stack.refresh())).toEqual([]);
  await stack.up();
  await stack.advance("9d");
  expect(steps(await stack.refresh())).toEqual([]);
  expect(steps(await stack.preview())).toEqual(["update key"]);
});

test("rotates once however many rotations it missed, and the overlap begins then", async () => {
  await stack.apply(program({ rotateAfter: "1d", keepPreviousFor: "12h" }));
  const first = await stack.outputs("key");
  await stack.advance("10d");
  await stack.up();
  expect((await stack.credentials()).map(({ name }) => name)).toEqual(["key (1)", "key (2)"]);
  expect(steps(await stack.up())).toEqual([]);
  expect(await stack.signsIn(first)).toBe(true);
});

test("rotates up to an hour early, so that a nightly run does not slip by a night each time", async () => {
  await stack.apply(program({ rotateAfter: "30d" }));
  await stack.advance("30d");
  await stack.up();
  const { rotatedAt } = await stack.outputs("key");
  const ahead = Date.parse(String(rotatedAt)) + 30 * 24 * 3600 * 1000 - 59 * 60 * 1000;
  const [{ time } = { time: "" }] = (await stack.requests()).slice(-1);
  await stack.advance(`${ahead - Date.parse(time)}ms`);
  expect(steps(await stack.up())).toEqual(["update key"]);
});

test("without a `Date` in Keycard's responses nothing rotates by age, and a warning says so", async () => {
  await stack.intercept(async (_call, act) => {
    return { ...(await act()), headers: { date: "" } };
  });
  await stack.apply(program({ rotateAfter: "1s" }));
  await stack.advance("1d");
  const outcome = await stack.up();
  expect(steps(outcome)).toEqual([]);
  expect(messagesOf(outcome)).toContain("have no `Date` header");
});

describe("rotateWhenChanged", () => {
  test("rotates at once when a value changes, also under `protect`; adding and removing it only records it", async () => {
    await stack.apply(program({}, { protect: true }));
    const { clientId } = await stack.outputs("key");
    const armed = {
      deployer: account(),
      key: rotating({ rotateWhenChanged: { breach: "1" } }, { protect: true }),
    };
    const before = (await stack.operations()).length;
    expect(steps(await stack.apply(armed))).toEqual(["update key"]);
    expect(await stack.operations(before)).toEqual([]);
    const changed = { ...armed, key: rotating({ rotateWhenChanged: { breach: "2" } }, { protect: true }) };
    await stack.declare(changed);
    expect(messagesOf(await stack.preview())).toContain(
      '"key" rotates, because `rotateWhenChanged.breach` changed. Client ID',
    );
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId: clientId });
    expect(steps(await stack.apply(program({}, { protect: true })))).toEqual(["update key"]);
    expect((await stack.credentials()).length).toBe(2);
    await stack.apply(program());
  });

  test("a value that the preview does not know may rotate it", async () => {
    await stack.apply(when("1"));
    const other = account();
    const unknown = { other, ...program({ rotateWhenChanged: { breach: "${other.id}" } }) };
    await stack.declare(unknown);
    expect(messagesOf(await stack.preview())).toContain(
      '"key" may rotate, because `rotateWhenChanged.breach` may change.',
    );
    expect((await stack.credentials()).length).toBe(1);
    await stack.up();
    expect((await stack.credentials()).length).toBe(2);
  });

  test("a second rotation within the overlap keeps the newest two, and the preview says which one is revoked", async () => {
    await stack.apply(when("1"));
    const first = await stack.outputs("key");
    await stack.apply(when("2"));
    const second = await stack.outputs("key");
    await stack.declare(when("3"));
    expect(messagesOf(await stack.preview())).toMatch(
      new RegExp(`Client ID ${first["clientId"]}, which was to remain valid until [\\dTZ:-]+, is revoked\\.`),
    );
    await stack.up();
    expect([await stack.signsIn(first), await stack.signsIn(second)]).toEqual([false, true]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId: second["clientId"] });
    expect((await stack.credentials()).map(({ name }) => name)).toEqual(["key (2)", "key (3)"]);
  });

  test('with `keepPreviousFor: "0s"` it revokes the previous credential at once', async () => {
    await stack.apply(when("1", { keepPreviousFor: "0s" }));
    const first = await stack.outputs("key");
    await stack.declare(when("2", { keepPreviousFor: "0s" }));
    expect(messagesOf(await stack.preview())).toContain(
      `Client ID ${first["clientId"]} is revoked at once, before whatever uses it gets the new secret`,
    );
    await stack.up();
    expect(await stack.signsIn(first)).toBe(false);
    expect((await stack.credentials()).length).toBe(1);
    expect(await stack.outputs("key")).not.toHaveProperty("previousClientId");
  });
});

test("other durations count from the last rotation, and rotate only if that makes it due", async () => {
  await stack.apply(program({ rotateAfter: "30d" }));
  await stack.advance("10d");
  const before = (await stack.operations()).length;
  expect(steps(await stack.apply(program({ rotateAfter: "20d" })))).toEqual(["update key"]);
  expect(await stack.operations(before)).toEqual(["token"]);
  const { rotatedAt, nextRotationAt } = await stack.outputs("key");
  expect(Date.parse(String(nextRotationAt)) - Date.parse(String(rotatedAt))).toBe(20 * 24 * 3600 * 1000);
  await stack.declare(program({ rotateAfter: "9d" }));
  expect(messagesOf(await stack.preview())).toContain("it is 10 days old, and `rotateAfter` is 9d");
  await stack.up();
  expect((await stack.credentials()).length).toBe(2);
});

test("renaming renames all of its credentials, each with its number", async () => {
  await stack.apply(when("1"));
  await stack.apply(when("2"));
  const renamed = when("2", { name: "ci", description: "Deploys" });
  expect(steps(await stack.apply(renamed))).toEqual(["update key"]);
  expect((await stack.credentials()).map(({ name, description }) => [name, description])).toEqual([
    ["ci (1)", "Deploys"],
    ["ci (2)", "Deploys"],
  ]);
  expect(await stack.outputs("key")).toMatchObject({ name: "ci", description: "Deploys" });
  expect(steps(await stack.refresh())).toEqual([]);
  expect(steps(await stack.up())).toEqual([]);
});

describe("credentials that somebody else deleted", () => {
  test("the previous one is dropped silently", async () => {
    await stack.apply(when("1"));
    await stack.apply(when("2"));
    const { previousCredentialId } = await stack.outputs("key");
    await deleteCredential(String(previousCredentialId));
    expect(steps(await stack.refresh())).toEqual([]);
    expect(await stack.outputs("key")).not.toHaveProperty("previousCredentialId");
    expect(steps(await stack.up())).toEqual([]);
  });

  test("the current one is a change, and the next `up` creates another", async () => {
    await stack.apply(when("1"));
    await stack.apply(when("2"));
    const { credentialId, previousClientId } = await stack.outputs("key");
    await deleteCredential(String(credentialId));
    expect(steps(await stack.refresh())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId });
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.signsIn("key")).toBe(true);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId, generation: 3 });
  });

  test("without any of them, the resource is deleted", async () => {
    await stack.apply(when("1"));
    await deleteCredential(String((await stack.outputs("key"))["credentialId"]));
    expect(steps(await stack.refresh())).toEqual(["delete key"]);
    expect(steps(await stack.up())).toEqual(["create key"]);
  });

  async function deleteCredential(id: string): Promise<void> {
    const [deployer] = await stack.accounts();
    const place = { ...stack.organization, service_account_id: String(deployer?.id) };
    await stack.keycard.credentials.delete(id, place);
  }
});

test("another account replaces it, and deleting it deletes all of its credentials", async () => {
  await stack.apply(when("1"));
  await stack.apply(when("2"));
  const moved = { other: account(), ...when("2", { serviceAccountId: "${other.id}" }) };
  expect(steps(await stack.apply(moved))).toContain("replace key");
  expect((await stack.credentials()).length).toBe(1);
  await stack.apply({ other: account() });
  expect(await stack.credentials()).toEqual([]);
});

test("`retainOnDelete` keeps its credentials", async () => {
  await stack.apply(program({}, { retainOnDelete: true }));
  await stack.apply({ deployer: account() });
  expect((await stack.credentials()).length).toBe(1);
});

test("ExclusiveCredentials lists its `credentialIds`, and refuses its `id`", async () => {
  const only = (credentialIds: unknown) => exclusive({ serviceAccountId: "${deployer.id}", credentialIds });
  await stack.apply({ ...when("1"), only: only("${key.credentialIds}") });
  await stack.apply({ ...when("2"), only: only("${key.credentialIds}") });
  expect((await stack.credentials()).length).toBe(2);
  const { credentialIds } = await stack.outputs("key");
  expect(await stack.outputs("only")).toMatchObject({ credentialIds });
  // Not even without the list: they are the stack's own.
  await stack.apply({ ...when("2"), only: only([]) });
  await stack.apply({ ...when("2"), only: only([]) });
  expect((await stack.credentials()).length).toBe(2);
  await stack.declare({ ...when("2"), only: only(["${key.id}"]) });
  expect(await errorOutput(stack.preview())).toContain(
    "credentialIds item 1 is the id of a RotatingCredential. List its credentials: use key.credentialIds in place of key.id",
  );
});
