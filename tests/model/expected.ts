/** Checks after an `up` without faults. */
import type { Outcome } from "../engine";
import type { StoredResource } from "../engine/decrypted";
import type { Keycard, RemoteObject } from "./keycard";
import { isOurs, partsOf, withoutNumber } from "./parts";
import type { Rotating, Texts, Program } from "./sequence";

/** Checks that Keycard has exactly the declared objects and the unchanged objects of others, and that every secret signs in. */
export async function expectDeclared(
  program: Program,
  state: StoredResource[],
  others: RemoteObject[],
  keycard: Keycard,
): Promise<void> {
  const objects = new Map((await keycard.objects()).map((object) => [object.id, object]));
  const managed = partsOf(state);
  const names = new Map(managed.map(({ id, urn }) => [id, nameOf(urn)]));
  const rotations = new Map(state.filter(isOurs).map((resource) => [resource.urn, rotationOf(resource)]));
  const found = managed
    .filter(({ isCurrent }) => isCurrent)
    .map(({ id, urn }) => {
      const [object, rotating] = [objects.get(id), rotations.get(urn)];
      const texts = object && {
        ...object,
        name: rotating ? withoutNumber(object.name) : object.name,
        rotating,
      };
      return `${nameOf(urn)}: ${texts ? declaration(texts, names.get(object.accountId ?? "")) : "nothing"}`;
    });
  const declared = [...declarations(program)].map(([name, text]) => `${name}: ${text}`);
  expect(found.sort()).toEqual(declared.sort());

  const rest = [...objects.values()].filter(({ id }) => !names.has(id));
  const remaining = others.filter(({ accountId }) => accountId === undefined || objects.has(accountId));
  expect(rest.map(described).sort()).toEqual(remaining.map(described).sort());

  const credentials = managed.filter(({ accountId }) => accountId !== undefined);
  const signIns = credentials.map(async ({ urn, signIn }) => [
    nameOf(urn),
    signIn && (await keycard.signsIn(signIn)),
  ]);
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
  const secrets = state
    .flatMap(({ outputs }) => Object.entries(outputs))
    .flatMap(([output, value]) => (/secret$/i.test(output) ? String(value) : []));
  expect(secrets.filter((secret) => printed.some((text) => text.includes(secret))).length).toBe(0);
}

export const nameOf = (urn: string): string => urn.split("::").pop() ?? "";

/** Describes each resource of a program, to be compared and printed. */
export function declarations({ accounts, credentials }: Program): Map<string, string> {
  return new Map([
    ...Object.entries(accounts).map(([key, texts]) => [key, declaration(texts, undefined)] as const),
    ...Object.entries(credentials).map(([key, texts]) => [key, declaration(texts, texts.account)] as const),
  ]);
}

/** @param account the logical name of a credential's account */
export function declaration(
  { name, description, rotating }: Texts & { rotating?: Rotating | undefined },
  account: string | undefined,
): string {
  const kind = account === undefined ? "account" : `credential of ${account}`;
  const rotation = rotating ? `, rotating ${rotating.trigger} ${rotating.rotateAfter ?? "on demand"}` : "";
  return `${kind}, named ${name}${description ? `, described as ${description}` : ""}${rotation}`;
}

function rotationOf({ outputs }: StoredResource): Rotating | undefined {
  const { rotateWhenChanged, rotateAfter } = outputs as {
    rotateWhenChanged?: Rotating;
    rotateAfter?: string;
  };
  return rotateWhenChanged && { ...rotateWhenChanged, ...(rotateAfter === undefined ? {} : { rotateAfter }) };
}

function described(object: RemoteObject): string {
  return JSON.stringify(object, Object.keys(object).sort());
}
