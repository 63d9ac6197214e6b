/** With `ExclusiveCredentials`, any credential of an account that is neither listed nor the stack's own is drift, and is revoked. */
import type { CredentialCreateResponse } from "pulumi-keycard/sdk";
import type { Outcome } from "../../engine";
import { account, credential, exclusive, operations, Stack, steps, told } from "../stack";

const key = (options: object = {}) => credential({ serviceAccountId: "${deployer.id}" }, options);
const only = (...credentialIds: string[]) => exclusive({ serviceAccountId: "${deployer.id}", credentialIds });
const program = { deployer: account(), key: key(), only: only("${key.id}") };
const quiet = { same: 4 };

let stack: Stack;
beforeEach(async () => {
  stack = await Stack.open();
});
afterEach(() => stack.close());

/** What somebody makes behind Pulumi's back. */
async function madeByHand(name: string): Promise<CredentialCreateResponse> {
  const [{ id } = { id: "" }] = await stack.accounts();
  const organization_id = stack.emulator.organizationId;
  return stack.keycard.credentials.create(id, { organization_id, name });
}

async function byHand(name: string): Promise<string> {
  return (await madeByHand(name)).id;
}

async function up(resources: Parameters<Stack["declare"]>[0]): Promise<Outcome> {
  await stack.declare(resources);
  return stack.up();
}

/** Only what this says is at Keycard. */
async function expectThere(...ids: (string | undefined)[]): Promise<void> {
  expect((await stack.credentials()).map(({ id }) => id).sort()).toEqual(ids.sort());
}

async function idOf(name: string): Promise<string> {
  return String((await stack.outputs(name))["id"]);
}

function printed({ diagnostics }: Outcome): string {
  return diagnostics.map(({ message }) => message).join("\n");
}

async function revocations(): Promise<number> {
  return operations(await stack.requests()).filter((operation) => operation === "deleteCredential").length;
}

test("another one is found by refresh, shown by a preview, and revoked by up", async () => {
  await up(program);
  const [mine, stranger] = [await idOf("key"), await byHand("\u001b[31mby hand")];

  const unrefreshed = await stack.preview();
  expect(steps(unrefreshed)).toEqual(["update only"]);
  expect(printed(unrefreshed)).toMatch(
    new RegExp(
      `records these unlisted credentials, and a later one revokes them:\\n  ${stranger}, "\\\\u001b\\[31mby hand", created .*, never used`,
    ),
  );
  const refreshed = await stack.refresh();
  expect(steps(refreshed)).toEqual(["update only"]);
  expect(printed(refreshed)).toContain(stranger);
  expect(steps(await stack.refresh())).toEqual([]);
  const preview = await stack.preview();
  expect(steps(preview)).toEqual(["update only"]);
  expect(preview.steps.find(({ name }) => name === "only")?.diff).toEqual({
    credentialIds: [[mine, stranger], [mine]],
  });
  await expectThere(mine, stranger);

  const outcome = await stack.up();
  expect(printed(outcome)).toMatch(new RegExp(`revoked, because not listed:\\n  ${stranger}`));
  await expectThere(mine);
  expect(await stack.signsIn("key")).toBe(true);
  expect((await stack.refresh()).changes).toEqual(quiet);
  expect(printed(await stack.up())).toBe("");
  expect(JSON.stringify((await stack.state()).find(({ urn }) => urn.endsWith("only"))).length).toBeLessThan(
    1600,
  );

  // One that is revoked by hand after a refresh found it is no drift any more.
  const second = await byHand("second");
  await stack.refresh();
  await stack.keycard.credentials.delete(second, {
    organization_id: stack.emulator.organizationId,
    service_account_id: await idOf("deployer"),
  });
  expect(steps(await stack.refresh())).toEqual(["update only"]);
  expect(steps(await stack.up())).toEqual([]);
});

test("a rotation takes one up: the old one stays until Pulumi deletes it", async () => {
  const rotated = (replacementTrigger: string) => ({ ...program, key: key({ replacementTrigger }) });
  await up({ deployer: account(), key: key({ replacementTrigger: "one" }) });
  const old = await idOf("key");
  await stack.declare(rotated("two"));
  expect(printed(await stack.preview())).not.toContain(old);
  // Also when it is stated in this very up for the first time, and Pulumi does not tell which one is replaced.
  const stated = await stack.up();
  expect(steps(stated)).toEqual([
    ...["create-replacement key", "replace key", "create only", "delete-replaced key"],
  ]);
  expect(printed(stated)).toMatch(new RegExp(`recorded, because not listed.*\\n  ${old}.*$`));
  expect(await revocations()).toBe(1);
  const renewed = await idOf("key");
  await expectThere(renewed);

  // An up that fails keeps both, since what uses the old one may not have changed over; so does the next one that fails.
  for (const trigger of ["three", "three"]) {
    await stack.project.declare({ resources: rotated(trigger), throws: "no luck" });
    await expect(stack.up()).rejects.toThrow("no luck");
    await expectThere(renewed, await idOf("key"));
  }
  await stack.refresh();
  await up(rotated("three"));
  expect(await revocations()).toBe(2);
  await expectThere(await idOf("key"));

  // The same holds for one that leaves program and list together.
  const both = { deployer: account(), key: key({ replacementTrigger: "three" }), second: key() };
  await up({ ...both, only: only("${key.id}", "${second.id}") });
  expect(steps(await up(rotated("three")))).toEqual(["update only", "delete second"]);
  expect(await revocations()).toBe(3);
  expect((await stack.refresh()).changes).toEqual(quiet);
});

test("what the same up is making, settling or adopting is never revoked, listed or not", async () => {
  await up(program);
  const [stranger, adopt] = [await byHand("stranger"), await madeByHand("to adopt")];
  const { id, client_secret: clientSecret } = adopt;
  const adopted = credential({ serviceAccountId: "${deployer.id}", adopt: id, clientSecret });
  const resources = { deployer: account(), key: key(), slow: key(), lost: key(), adopted };
  await stack.declare({ ...resources, only: only("${key.id}", "${adopted.id}") });
  expect(printed(await stack.preview())).not.toContain(adopt.id);
  await stack.fault({ operation: "createCredential", delayMs: 2500, commit: true });
  await stack.fault({ operation: "createCredential", reset: true, commit: true });
  const outcome = await stack.up();
  // Somebody else's is recorded only.
  expect(printed(outcome)).toMatch(new RegExp(`recorded, because not listed.*:\\n  ${stranger}.*$`, "m"));
  const names = ["key", "slow", "lost", "adopted"];
  const ours = await Promise.all(names.map(idOf));
  await expectThere(stranger, ...ours);
  for (const name of names) expect(await stack.signsIn(name)).toBe(true);
  // Neither order nor repetition means anything.
  const again = await up({ ...resources, only: only("${adopted.id}", "${key.id}", "${adopted.id}") });
  expect(steps(again)).toEqual(["update only"]);
  expect(printed(again)).toMatch(new RegExp(`revoked, because not listed:\\n  ${stranger}.*$`, "m"));
  await expectThere(...ours);
  expect(steps(await stack.up())).toEqual([]);
  expect(printed(again)).toContain("not revoked, although not listed, because this stack manages each");
});

test("a create that could not be settled is, whichever of both looks first", async () => {
  await up({ deployer: account(), key: key() });
  await stack.fault({ operation: "createCredential", status: 500, commit: true });
  await stack.fault({ operation: "listCredentials", skip: 1, status: 500, times: 3 });
  await stack.declare({ deployer: account(), key: key(), lost: key() });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("pending-verification-");
  await stack.clearFaults();
  await up({ ...program, lost: key() });
  await expectThere(await idOf("key"), await idOf("lost"));
  expect(await stack.signsIn("lost")).toBe(true);
  expect(steps(await stack.up())).toEqual([]);
});

test("all that is there already may be revoked; what goes wrong with one is told, and the next up goes on", async () => {
  await up({ deployer: account() });
  const ids = [await byHand("one"), await byHand("two"), await byHand("three")];
  await stack.declare({ deployer: account(), only: only() });
  const preview = await stack.preview();
  for (const id of ids) expect(printed(preview)).toContain(id);
  await stack.up();
  await expectThere(...ids);
  const announced = printed(await stack.preview());
  for (const id of ids) expect(announced).toMatch(new RegExp(`revokes these unlisted.*(\\n.*)*${id}`));

  await stack.fault({ operation: "deleteCredential", status: 403 });
  const messages = told(await stack.up().catch((error: unknown) => error));
  const [left = "", ...more] = (await stack.credentials()).map(({ id }) => id);
  expect(more).toEqual([]);
  expect(messages).toMatch(new RegExp(`Not revoked:\\n  ${left}`));
  for (const id of ids.filter((one) => one !== left))
    expect(messages).toMatch(new RegExp(`Revoked:(\\n.*)*${id}`));
  await stack.up();
  await expectThere();
  // It only stops watching.
  const stranger = await byHand("stranger");
  expect(steps(await up({ deployer: account() }))).toEqual(["delete only"]);
  await expectThere(stranger);
});

test("a list that cannot be meant is refused, and nothing is revoked", async () => {
  await up({ deployer: account() });
  const stranger = await byHand("stranger");
  const clientId = String((await stack.credentials())[0]?.client_id);
  await stack.declare({ deployer: account(), only: only(clientId) });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    `credentialIds has "${clientId}", which is the client ID of the credential "${stranger}"`,
  );
  await stack.declare({ deployer: account(), only: only(stranger), second: only() });
  expect(told(await stack.up().catch((error: unknown) => error))).toContain(
    "serviceAccountId has another ExclusiveCredentials in this program, with another list",
  );
  await expectThere(stranger);
});

test("with an account that was deleted by hand it goes, and comes again", async () => {
  await up(program);
  await stack.deleteByHand("deployer");
  expect(steps(await stack.refresh()).sort()).toEqual(["delete deployer", "delete key", "delete only"]);
  expect(steps(await stack.up())).toEqual(["create deployer", "create key", "create only"]);
  expect((await stack.refresh()).changes).toEqual(quiet);
});
