/** With `ExclusiveCredentials`, a credential of the account that is neither listed nor managed by the stack is drift, and is revoked. */
import type { CredentialCreateResponse } from "pulumi-keycard/sdk";
import { account, errorOutput, exclusive, key, messagesOf, steps, useStack } from "../../support/stack";

const only = (...credentialIds: string[]) => exclusive({ serviceAccountId: "${deployer.id}", credentialIds });
const program = { deployer: account(), key: key(), only: only("${key.id}") };
const UNCHANGED = { same: 4 };

const stack = useStack("emptied");

/** Creates a credential of the only account behind Pulumi's back. */
async function createByHand(name: string): Promise<CredentialCreateResponse> {
  const [{ id } = { id: "" }] = await stack.accounts();
  return stack.createCredentialByHand(id, { name });
}

async function expectCredentials(...ids: (string | undefined)[]): Promise<void> {
  expect((await stack.credentials()).map(({ id }) => id).sort()).toEqual(ids.sort());
}

test("refresh finds an unlisted credential, preview shows it, and up revokes it", async () => {
  await stack.apply(program);
  const [mine, { id: unlisted }] = [await stack.idOf("key"), await createByHand("\u001b[31mby hand")];
  const { id: temporary } = await createByHand("temporary");

  const unrefreshed = await stack.preview();
  expect(steps(unrefreshed)).toEqual(["update only"]);
  expect(messagesOf(unrefreshed)).toMatch(
    new RegExp(
      `ExclusiveCredentials of the service account "deployer" \\(.*\\): .*records these unlisted credentials, and a later one revokes them:\\n  ${unlisted}, "\\\\u001b\\[31mby hand", created .*, never used`,
    ),
  );
  const refreshed = await stack.refresh();
  expect(steps(refreshed)).toEqual(["update only"]);
  expect(messagesOf(refreshed)).toContain(unlisted);
  expect(steps(await stack.refresh())).toEqual([]);
  // What somebody else revokes after a refresh has found it is no drift any more.
  await stack.deleteCredentialByHand(temporary);
  expect(steps(await stack.refresh())).toEqual(["update only"]);
  const preview = await stack.preview();
  expect(steps(preview)).toEqual(["update only"]);
  expect(preview.steps.find(({ name }) => name === "only")?.diff).toEqual({
    credentialIds: [[mine, unlisted], [mine]],
  });
  await expectCredentials(mine, unlisted);

  const outcome = await stack.up();
  expect(messagesOf(outcome)).toMatch(new RegExp(`revoked, because not listed:\\n  ${unlisted}`));
  await expectCredentials(mine);
  expect(await stack.signsIn("key")).toBe(true);
  expect((await stack.refresh()).changes).toEqual(UNCHANGED);
  expect(messagesOf(await stack.up())).toBe("");
  const inState = (await stack.state()).find(({ urn }) => urn.endsWith("only"));
  expect(JSON.stringify(inState).length).toBeLessThan(1600);
});

test("in a rotation, the old credential stays until Pulumi deletes it", async () => {
  const rotated = (replacementTrigger: string) => ({ ...program, key: key({}, { replacementTrigger }) });
  await stack.apply({ deployer: account(), key: key({}, { replacementTrigger: "one" }) });
  const [old, before] = [await stack.idOf("key"), await stack.countOf("deleteCredential")];
  const deletions = async () => (await stack.countOf("deleteCredential")) - before;
  expect(messagesOf(await stack.plan(rotated("two")))).not.toContain(old);
  // The same up declares the list for the first time, and Pulumi does not show which credential it replaces.
  const declared = await stack.up();
  expect(steps(declared)).toEqual([
    ...["create-replacement key", "replace key", "create only", "delete-replaced key"],
  ]);
  expect(messagesOf(declared)).toMatch(new RegExp(`recorded, because not listed.*\\n  ${old}.*$`));
  expect(await deletions()).toBe(1);
  const renewed = await stack.idOf("key");
  await expectCredentials(renewed);

  // Any number of failed ups keeps both: what uses the old one may not have changed over.
  for (const trigger of ["three", "three"]) {
    await stack.project.declare({ resources: rotated(trigger), throws: "no luck" });
    await expect(stack.up()).rejects.toThrow("no luck");
    await expectCredentials(renewed, await stack.idOf("key"));
  }
  await stack.refresh();
  await stack.apply(rotated("three"));
  expect(await deletions()).toBe(2);
  await expectCredentials(await stack.idOf("key"));

  // A credential that leaves program and list together is deleted by Pulumi, too.
  const both = { deployer: account(), key: key({}, { replacementTrigger: "three" }), second: key() };
  await stack.apply({ ...both, only: only("${key.id}", "${second.id}") });
  expect(steps(await stack.apply(rotated("three")))).toEqual(["update only", "delete second"]);
  expect(await deletions()).toBe(3);
  expect((await stack.refresh()).changes).toEqual(UNCHANGED);
});

test("a credential that a refresh could not read stays managed, and is not revoked", async () => {
  await stack.apply(program);
  const id = await stack.idOf("key");
  await stack.fault({ operation: "retrieveCredential", status: 500, retryAfter: 0, times: 9 });
  await expect(stack.refresh()).rejects.toThrow(/500/);
  await stack.clearFaults();
  expect(await stack.outputs("only")).toMatchObject({ managedIds: [id] });
  for (let ups = 1; ups <= 2; ups++)
    expect(messagesOf(await stack.apply({ ...program, only: only() }))).not.toContain("revoked, because");
  await expectCredentials(id);
});

test("a credential that the same up creates, recovers or adopts is never revoked, listed or not", async () => {
  await stack.apply(program);
  const [{ id: unlisted }, adopt] = [await createByHand("unlisted"), await createByHand("to adopt")];
  const adopted = key({ adopt: adopt.id, clientSecret: adopt.client_secret });
  const resources = { deployer: account(), key: key(), slow: key(), lost: key(), adopted };
  const planned = await stack.plan({ ...resources, only: only("${key.id}", "${adopted.id}") });
  expect(messagesOf(planned)).not.toContain("ExclusiveCredentials of");
  await stack.fault({ operation: "createCredential", delayMs: 2500, commit: true });
  await stack.fault({ operation: "createCredential", reset: true, commit: true });
  const outcome = await stack.up();
  expect(messagesOf(outcome)).toMatch(new RegExp(`recorded, because not listed.*:\\n  ${unlisted}.*$`, "m"));
  const names = ["key", "slow", "lost", "adopted"];
  const ours = await Promise.all(names.map((name) => stack.idOf(name)));
  await expectCredentials(unlisted, ...ours);
  for (const name of names) expect(await stack.signsIn(name)).toBe(true);
  // Neither order nor repetition counts.
  const again = await stack.apply({
    ...resources,
    only: only("${adopted.id}", "${key.id}", "${adopted.id}"),
  });
  expect(steps(again)).toEqual(["update only"]);
  expect(messagesOf(again)).toMatch(new RegExp(`revoked, because not listed:\\n  ${unlisted}.*$`, "m"));
  await expectCredentials(...ours);
  expect(steps(await stack.up())).toEqual([]);
  expect(messagesOf(again)).toContain(
    "not revoked, although not listed, because this stack manages them or has managed them",
  );
});

test("a credential that is pending verification is cleaned up once", async () => {
  await stack.apply({ deployer: account(), key: key() });
  const output = await stack.failToApply(
    { deployer: account(), key: key(), lost: key() },
    { operation: "createCredential", status: 500, commit: true },
    { operation: "listCredentials", skip: 1, status: 500, retryAfter: 0, times: 3 },
  );
  expect(output).toContain("pending-verification-");
  await stack.apply({ ...program, lost: key() });
  await expectCredentials(await stack.idOf("key"), await stack.idOf("lost"));
  expect(await stack.signsIn("lost")).toBe(true);
  expect(steps(await stack.up())).toEqual([]);
});

test("a wrong list revokes nothing; a failed revocation is reported with those that succeeded, and the next up continues", async () => {
  await stack.apply({ deployer: account() });
  const created = [await createByHand("one"), await createByHand("two"), await createByHand("three")];
  const ids = created.map(({ id }) => id);
  const [{ id, client_id } = { id: "", client_id: "" }] = created;
  const wrong = stack.apply({ deployer: account(), only: only(client_id) });
  expect(await errorOutput(wrong)).toContain(
    `credentialIds contains "${client_id}", which is the client ID of the credential "${id}"`,
  );
  const second = stack.apply({ deployer: account(), only: only(id), second: only() });
  expect(await errorOutput(second)).toContain(
    "this program declares another ExclusiveCredentials for this serviceAccountId, with another list",
  );
  await expectCredentials(...ids);

  const preview = await stack.plan({ deployer: account(), only: only() });
  for (const id of ids) expect(messagesOf(preview)).toContain(id);
  await stack.up();
  await expectCredentials(...ids);
  const announced = messagesOf(await stack.preview());
  for (const id of ids) expect(announced).toMatch(new RegExp(`revokes these unlisted.*(\\n.*)*${id}`));

  await stack.fault({ operation: "deleteCredential", status: 403 });
  const messages = await errorOutput(stack.up());
  const [left = "", ...more] = (await stack.credentials()).map(({ id }) => id);
  expect(more).toEqual([]);
  expect(messages).toMatch(new RegExp(`Not revoked:\\n  ${left}`));
  for (const id of ids.filter((one) => one !== left))
    expect(messages).toMatch(new RegExp(`Revoked:(\\n.*)*${id}`));
  await stack.up();
  await expectCredentials();
  // Without the resource, nothing is revoked any more.
  const { id: unlisted } = await createByHand("unlisted");
  expect(steps(await stack.apply({ deployer: account() }))).toEqual(["delete only"]);
  await expectCredentials(unlisted);
});

test("ExclusiveCredentials is deleted and created again together with its account", async () => {
  await stack.apply(program);
  await stack.deleteByHand("deployer");
  expect(steps(await stack.refresh()).sort()).toEqual(["delete deployer", "delete key", "delete only"]);
  expect(steps(await stack.up())).toEqual(["create deployer", "create key", "create only"]);
  expect((await stack.refresh()).changes).toEqual(UNCHANGED);
});

test("the credential that Pulumi signs in with is never revoked, and the preview says so", async () => {
  await stack.apply({ deployer: account(), only: only() });
  const own = await createByHand("pulumi");
  const other = await createByHand("other");
  const { endpoint, apiKey } = stack.emulator;
  // The emulator's accounts have no permissions: the credential signs in, and another one makes the calls.
  await stack.intercept(undefined, { endpoint, authorizeAs: apiKey });
  await stack.engine.setConfig("keycard:clientId", own.client_id);
  await stack.engine.setConfig("keycard:clientSecret", own.client_secret, { secret: true });
  expect(messagesOf(await stack.preview())).toMatch(
    new RegExp(`not revoked, although not listed, because Pulumi signs in with it:\\n  ${own.id}`),
  );
  await stack.up();
  expect(messagesOf(await stack.up())).toContain(`revoked, because not listed:\n  ${other.id}`);
  expect(steps(await stack.up())).toEqual([]);
  await expectCredentials(own.id);
});
