/** When a `RotatingCredential` rotates, what it keeps, and what the preview says: see docs/rotation.md. */
import { documented } from "../../docs";
import { account, exclusive, messagesOf, rotating, steps, triggered, useStack } from "../../support/stack";

const stack = useStack("emptied");

const DAY = 24 * 60 * 60 * 1000;

const program = (args: object = {}, options: object = {}) => ({
  deployer: account(),
  key: rotating(args, options),
});

test("rotates in place at its age, keeps the previous credential for its time, and then revokes it", async () => {
  await stack.apply(program({ rotateAfter: "30d", keepPreviousFor: "7d" }));
  const first = await stack.outputs("key");
  const [created] = await stack.credentials();
  expect(created).toMatchObject({ name: "key (1)", client_id: first["clientId"] });
  expect(first).toMatchObject({ name: "key", rotatedAt: created?.created_at, credentialIds: [created?.id] });
  await stack.advance("29d");
  expect(steps(await stack.up())).toEqual([]);

  await stack.advance("1d");
  // What is due is no drift.
  expect(steps(await stack.refresh())).toEqual([]);
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
  expect(await stack.credentialNames()).toEqual(["key (1)", "key (2)"]);
  expect([await stack.signsIn(second), await stack.signsIn(first)]).toEqual([true, true]);
  expect(Date.parse(String(second["previousRetiresAt"])) - Date.parse(String(second["rotatedAt"]))).toBe(
    7 * DAY,
  );

  await stack.advance("8d");
  expect(steps(await stack.refresh())).toEqual([]);
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
    const armed = (breach: string) => program({ rotateWhenChanged: { breach } }, { protect: true });
    const before = (await stack.operations()).length;
    expect(steps(await stack.apply(armed("1")))).toEqual(["update key"]);
    expect(await stack.operations(before)).toEqual([]);
    expect(messagesOf(await stack.plan(armed("2")))).toContain(
      '"key" rotates, because `rotateWhenChanged.breach` changed. Client ID',
    );
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId: clientId });
    expect(steps(await stack.apply(program({}, { protect: true })))).toEqual(["update key"]);
    expect((await stack.credentials()).length).toBe(2);
  });

  test("a value that the preview does not know may rotate it; the next value revokes the oldest, as its preview says", async () => {
    await stack.apply(triggered("1"));
    const first = await stack.outputs("key");
    const unknown = await stack.plan({ other: account(), ...triggered("${other.id}") });
    expect(messagesOf(unknown)).toContain('"key" may rotate, because `rotateWhenChanged.breach` may change.');
    expect((await stack.credentials()).length).toBe(1);
    await stack.up();
    expect((await stack.credentials()).length).toBe(2);

    const second = await stack.outputs("key");
    expect(messagesOf(await stack.plan(triggered("3")))).toMatch(
      new RegExp(`Client ID ${first["clientId"]}, which was to remain valid until [\\dTZ:-]+, is revoked\\.`),
    );
    await stack.up();
    expect([await stack.signsIn(first), await stack.signsIn(second)]).toEqual([false, true]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId: second["clientId"] });
    expect(await stack.credentialNames()).toEqual(["key (2)", "key (3)"]);
  });

  test('with `keepPreviousFor: "0s"` it revokes the previous credential at once', async () => {
    await stack.apply(triggered("1", { keepPreviousFor: "0s" }));
    const first = await stack.outputs("key");
    const preview = await stack.plan(triggered("2", { keepPreviousFor: "0s" }));
    expect(messagesOf(preview)).toContain(
      `Client ID ${first["clientId"]} is revoked at once, before whatever uses it gets the new secret`,
    );
    await stack.up();
    expect(await stack.signsIn(first)).toBe(false);
    expect((await stack.credentials()).length).toBe(1);
    expect(await stack.outputs("key")).not.toHaveProperty("previousClientId");
  });
});

describe("with two credentials", () => {
  beforeEach(async () => {
    await stack.apply(triggered("1"));
    await stack.apply(triggered("2"));
  });

  test("renaming renames both; a current one that somebody deletes is replaced; another account replaces all", async () => {
    const renamed = { name: "ci", description: "Deploys" };
    expect(steps(await stack.apply(triggered("2", renamed)))).toEqual(["update key"]);
    expect((await stack.credentials()).map(({ name, description }) => [name, description])).toEqual([
      ["ci (1)", "Deploys"],
      ["ci (2)", "Deploys"],
    ]);
    const { credentialId, previousClientId, ...outputs } = await stack.outputs("key");
    expect(outputs).toMatchObject(renamed);
    expect(steps(await stack.refresh())).toEqual([]);
    expect(steps(await stack.up())).toEqual([]);

    await stack.deleteCredentialByHand(credentialId);
    expect(steps(await stack.refresh())).toEqual(["update key"]);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId });
    expect(steps(await stack.up())).toEqual(["update key"]);
    expect(await stack.signsIn("key")).toBe(true);
    expect(await stack.outputs("key")).toMatchObject({ previousClientId, generation: 3 });
    expect((await stack.credentials()).length).toBe(2);

    const moved = { other: account(), ...triggered("2", { serviceAccountId: "${other.id}" }) };
    expect(steps(await stack.apply(moved))).toContain("replace key");
    expect((await stack.credentials()).length).toBe(1);
    await stack.apply({ other: account() });
    expect(await stack.credentials()).toEqual([]);
  });

  test("a previous one that somebody deletes is dropped silently, and the resource ends with its last one", async () => {
    const { credentialId, previousCredentialId } = await stack.outputs("key");
    await stack.deleteCredentialByHand(previousCredentialId);
    expect(steps(await stack.refresh())).toEqual([]);
    expect(await stack.outputs("key")).not.toHaveProperty("previousCredentialId");
    expect(steps(await stack.up())).toEqual([]);

    await stack.deleteCredentialByHand(credentialId);
    expect(steps(await stack.refresh())).toEqual(["delete key"]);
    expect(steps(await stack.up())).toEqual(["create key"]);
  });
});

test("`retainOnDelete` keeps its credentials", async () => {
  await stack.apply(program({}, { retainOnDelete: true }));
  await stack.apply({ deployer: account() });
  expect((await stack.credentials()).length).toBe(1);
});

test("ExclusiveCredentials lists its `credentialIds`, and refuses its `id`", async () => {
  const only = (credentialIds: unknown) => exclusive({ serviceAccountId: "${deployer.id}", credentialIds });
  await stack.apply({ ...triggered("1"), only: only("${key.credentialIds}") });
  await stack.apply({ ...triggered("2"), only: only("${key.credentialIds}") });
  expect((await stack.credentials()).length).toBe(2);
  const { credentialIds } = await stack.outputs("key");
  expect(await stack.outputs("only")).toMatchObject({ credentialIds });
  // Not even without the list: they are the stack's own.
  await stack.apply({ ...triggered("2"), only: only([]) });
  await stack.apply({ ...triggered("2"), only: only([]) });
  expect((await stack.credentials()).length).toBe(2);
  const preview = stack.plan({ ...triggered("2"), only: only(["${key.id}"]) });
  await expect(preview).rejects.toThrow(
    "credentialIds item 1 is the id of a RotatingCredential. Replace it with the items of key.credentialIds; if it is the only item, write `credentialIds: key.credentialIds`",
  );
});
