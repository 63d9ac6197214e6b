/** Shows and checks the main job: what a user of `examples/basic` does, against the emulator, first with the dynamic provider, then with the native one. */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startEmulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "pulumi-keycard/sdk";
import { openEngine } from "../engine";
import type { Engine, Outcome } from "../engine";
import { configure, signsIn } from "../engine/keycard";
import { check, fact, heading, success } from "./say";

const CHECKOUT = path.join(__dirname, "../..");

interface Keys {
  serviceAccountId: string;
  accountName: string;
  clientId: string;
  clientSecret: string;
}

async function tour(): Promise<void> {
  heading("Keycard on this machine");
  fact(`Node ${process.versions.node}`);
  const emulator = await startEmulator();
  fact(`the emulator listens at ${emulator.endpoint}, with one empty organization`);
  const keycard = new KeycardAPI({
    baseURL: emulator.endpoint,
    clientID: emulator.clientId,
    clientSecret: emulator.clientSecret,
  });
  const folder = await copyExample();
  const engine = await openEngine({ projectDir: folder });
  await configure(engine, { ...emulator, organizationId: emulator.organizationLabel });
  fact(
    engine.name === "pulumi"
      ? `the engine is the Pulumi CLI ${engine.version}`
      : `the engine is the stand-in: ${process.env["ENGINE"] ? "ENGINE asks for it" : "no `pulumi` is on the PATH, and `npm run engine` has built none"}`,
  );
  try {
    const managed = await walk(engine, keycard, emulator.organizationId, emulator.endpoint);
    await useNative(folder);
    await walkNative(engine, managed);
    heading("pulumi destroy");
    show(await engine.destroy());
    const { items } = await keycard.organizations.serviceAccounts.list(emulator.organizationId);
    check(items.length === 0, "nothing is left at Keycard");
    check(!(await signsIn(emulator.endpoint, managed)), "the last credential no longer signs in");
  } finally {
    await engine.close();
    await emulator.close();
    await rm(folder, { recursive: true });
  }
  success("Everything held.");
}

/** Copies the example, because the tour changes its program at the end. Returns the folder. */
async function copyExample(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "keycard-tour-"));
  await cp(path.join(CHECKOUT, "examples/basic"), folder, { recursive: true });
  await symlink(path.join(CHECKOUT, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}

/** Changes the program to the native provider. */
async function useNative(folder: string): Promise<void> {
  const file = path.join(folder, "index.ts");
  const program = await readFile(file, "utf8");
  await writeFile(file, program.replace('"pulumi-keycard"', '"pulumi-keycard/native"'));
}

/** @returns the credential that the stack has at the end */
async function walk(
  engine: Engine,
  keycard: KeycardAPI,
  organization: string,
  endpoint: string,
): Promise<Keys> {
  const { serviceAccounts } = keycard.organizations;
  const of = { organization_id: organization };

  heading("pulumi preview: the plan");
  plan(await engine.preview());
  check(
    (await serviceAccounts.list(organization)).items.length === 0,
    "a preview creates nothing at Keycard",
  );

  heading("pulumi up: the account and its credential");
  const created = keys(show(await engine.up()));
  const account = await serviceAccounts.retrieve(created.serviceAccountId, of);
  check(account.name === created.accountName, `Keycard has the account "${account.name}"`);

  heading("The new credential signs in with its own secret");
  await signIn(endpoint, created);
  const [credential] = (await serviceAccounts.credentials.list(account.id, of)).items;
  check(
    credential?.last_used_at !== undefined,
    `Keycard saw it: last used at ${String(credential?.last_used_at)}`,
  );

  heading("pulumi up again: nothing to do");
  check(changes(await engine.up()) === "", "a second up changes nothing");

  heading("A rename, in place");
  await engine.setConfig("keycard-basic:accountName", "releaser");
  const renamed = keys(show(await engine.up()));
  check(
    renamed.serviceAccountId === created.serviceAccountId,
    `the same account is now "${renamed.accountName}"`,
  );
  check(renamed.clientSecret === created.clientSecret, "its credential kept its secret");

  heading("A replacement: the credential is rotated, the new one first");
  await engine.setConfig("keycard-basic:rotation", "2");
  const rotated = keys(show(await engine.up()));
  check(rotated.clientId !== created.clientId, "there is another client ID and secret");
  await signIn(endpoint, rotated);
  check(!(await signsIn(endpoint, created)), "the old one no longer signs in");

  heading("A change behind Pulumi's back");
  await serviceAccounts.update(account.id, { ...of, description: "changed by hand" });
  await serviceAccounts.credentials.delete(await onlyCredential(keycard, account.id, organization), {
    ...of,
    service_account_id: account.id,
  });
  fact("somebody changes the description, and deletes the credential");
  check(changes(show(await engine.refresh())) !== "", "pulumi refresh finds it");
  fact("pulumi preview:");
  plan(await engine.preview());
  fact("pulumi up:");
  const repaired = keys(show(await engine.up()));
  const repairedAccount = await serviceAccounts.retrieve(account.id, of);
  check(repairedAccount.description === account.description, "the description is the declared one");
  await signIn(endpoint, repaired);
  return repaired;
}

/** Moves the stack from the dynamic resources to the native ones. */
async function walkNative(engine: Engine, before: Keys): Promise<void> {
  heading("The native provider: the program imports pulumi-keycard/native");
  check(changes(await engine.preview()) === "", "the preview of the same stack shows no change");
  const moved = keys(await engine.up());
  check(JSON.stringify(moved) === JSON.stringify(before), "an up keeps every ID and the secret");

  heading("A rename by the native provider");
  await engine.setConfig("keycard-basic:accountName", "native");
  const preview = await engine.preview();
  plan(preview);
  check(changes(preview) === "1 to update", "the preview shows nothing but the account");
  const renamed = keys(show(await engine.up()));
  check(renamed.clientSecret === before.clientSecret, "its credential kept its secret");
}

/** Returns the ID of the account's only credential. */
async function onlyCredential(
  keycard: KeycardAPI,
  account: string,
  organization_id: string,
): Promise<string> {
  const { items } = await keycard.organizations.serviceAccounts.credentials.list(account, {
    organization_id,
  });
  check(items.length === 1, "the account has one credential");
  return items[0]?.id ?? "";
}

async function signIn(endpoint: string, created: Keys): Promise<void> {
  check(await signsIn(endpoint, created), `the client ID ${created.clientId} signs in with its own secret`);
}

/** Summarizes the changes; empty if there are none. */
function changes({ changes }: Outcome): string {
  return Object.entries(changes)
    .filter(([op]) => op !== "same")
    .map(([op, count]) => `${count} to ${op}`)
    .join(", ");
}

function plan(outcome: Outcome): void {
  printSteps(outcome);
  check(changes(outcome) !== "", `planned: ${changes(outcome)}`);
}

/** Prints the steps that change something, and the diagnostics. */
function printSteps({ steps, diagnostics }: Outcome): void {
  for (const { op, name, diff } of steps) {
    if (op !== "same") fact(`${op.padEnd(20)} ${name}`);
    for (const [property, [before, after]] of Object.entries(diff ?? {}))
      fact(`${" ".repeat(21)}${property}: ${JSON.stringify(before)} becomes ${JSON.stringify(after)}`);
  }
  for (const { severity, message } of diagnostics) fact(`${severity}: ${message.trim()}`);
}

function show(outcome: Outcome): Outcome {
  printSteps(outcome);
  for (const [name, { value, secret }] of Object.entries(outcome.outputs))
    fact(`${name.padEnd(20)} ${secret ? "[secret]" : String(value)}`);
  return outcome;
}

function keys({ outputs }: Outcome): Keys {
  check(outputs["clientSecret"]?.secret === true, "the client secret is a secret output");
  const text = (name: string): string => String(outputs[name]?.value);
  return {
    serviceAccountId: text("serviceAccountId"),
    accountName: text("accountName"),
    clientId: text("clientId"),
    clientSecret: text("clientSecret"),
  };
}

tour().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
