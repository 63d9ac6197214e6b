/** Checks after an `up` without faults. */
import type { Outcome } from "../engine";
import type { StoredResource } from "../engine/decrypted";
import type { Keycard, RemoteObject } from "./keycard";
import type { Texts, Program } from "./sequence";

/** Checks that Keycard has exactly the declared objects and the unchanged objects of others, and that every secret signs in. */
export async function expectDeclared(
  program: Program,
  state: StoredResource[],
  others: RemoteObject[],
  keycard: Keycard,
): Promise<void> {
  const objects = new Map((await keycard.objects()).map((object) => [object.id, object]));
  const managed = state.filter(isOurs);
  const names = new Map(managed.map(({ id, urn }) => [id, nameOf(urn)]));
  const found = managed.map(({ id = "", urn }) => {
    const object = objects.get(id);
    return `${nameOf(urn)}: ${object ? declaration(object, names.get(object.accountId)) : "nothing"}`;
  });
  const declared = [...declarations(program)].map(([name, text]) => `${name}: ${text}`);
  expect(found.sort()).toEqual(declared.sort());

  const rest = [...objects.values()].filter(({ id }) => !names.has(id));
  const remaining = others.filter(({ accountId }) => accountId === undefined || objects.has(accountId));
  expect(rest.map(described).sort()).toEqual(remaining.map(described).sort());

  const credentials = managed.filter(({ outputs }) => "clientId" in outputs);
  const signIns = credentials.map(async ({ urn, outputs }) => {
    const { clientId, clientSecret } = outputs as { clientId: string; clientSecret: string };
    return [nameOf(urn), await keycard.signsIn({ clientId, clientSecret })];
  });
  expect(await Promise.all(signIns)).toEqual(credentials.map(({ urn }) => [nameOf(urn), true]));
}

/** Checks that an update only read. */
export async function expectNoChanges(
  outcome: Outcome,
  keycard: Keycard,
  callsBefore: number,
): Promise<void> {
  expect(outcome.steps.filter(({ op }) => op !== "same")).toEqual([]);
  const calls = (await keycard.requests()).slice(callsBefore);
  expect(calls.filter(({ method, operation }) => method !== "GET" && operation !== "token")).toEqual([]);
}

/** Checks that no secret in the state was printed. */
export function expectNoSecretPrinted(state: StoredResource[], printed: string[]): void {
  const secrets = state.flatMap(({ outputs }) => outputs["clientSecret"] ?? []).map(String);
  expect(secrets.filter((secret) => printed.some((text) => text.includes(secret))).length).toBe(0);
}

export const isOurs = ({ type }: StoredResource): boolean =>
  type.startsWith("pulumi-nodejs:dynamic/keycard:");

export const nameOf = (urn: string): string => urn.split("::").pop() ?? "";

/** Describes each resource of a program, to be compared and printed. */
export function declarations({ accounts, credentials }: Program): Map<string, string> {
  return new Map([
    ...Object.entries(accounts).map(([key, texts]) => [key, declaration(texts, undefined)] as const),
    ...Object.entries(credentials).map(([key, texts]) => [key, declaration(texts, texts.account)] as const),
  ]);
}

/** @param account the logical name of a credential's account */
export function declaration({ name, description }: Texts, account: string | undefined): string {
  const kind = account === undefined ? "account" : `credential of ${account}`;
  return `${kind}, named ${name}${description ? `, described as ${description}` : ""}`;
}

function described(object: RemoteObject): string {
  return JSON.stringify(object, Object.keys(object).sort());
}
