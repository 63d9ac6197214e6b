/** What must hold once an `up` has gone through that nothing got in the way of. */
import type { Outcome } from "../engine";
import type { StoredResource } from "../engine/decrypted";
import type { Keycard, Thing } from "./keycard";
import type { Look, Program } from "./sequence";

/** Everything at Keycard is what the program declares, or somebody else's and as it was; every secret signs in. */
export async function expectSettled(
  program: Program,
  state: StoredResource[],
  others: Thing[],
  keycard: Keycard,
): Promise<void> {
  const things = new Map((await keycard.things()).map((thing) => [thing.id, thing]));
  const managed = state.filter(isOurs);
  const names = new Map(managed.map(({ id, urn }) => [id, nameOf(urn)]));
  const found = managed.map(({ id = "", urn }) => {
    const thing = things.get(id);
    return `${nameOf(urn)}: ${thing ? declaration(thing, names.get(thing.accountId)) : "nothing"}`;
  });
  const declared = [...declarations(program)].map(([name, text]) => `${name}: ${text}`);
  expect(found.sort()).toEqual(declared.sort());

  const rest = [...things.values()].filter(({ id }) => !names.has(id));
  const remaining = others.filter(({ accountId }) => accountId === undefined || things.has(accountId));
  expect(rest.map(described).sort()).toEqual(remaining.map(described).sort());

  const credentials = managed.filter(({ outputs }) => "clientId" in outputs);
  const signIns = credentials.map(async ({ urn, outputs }) => {
    const { clientId, clientSecret } = outputs as { clientId: string; clientSecret: string };
    return [nameOf(urn), await keycard.signsIn({ clientId, clientSecret })];
  });
  expect(await Promise.all(signIns)).toEqual(credentials.map(({ urn }) => [nameOf(urn), true]));
}

/** Nothing but looks was done. */
export async function expectNothingDone(
  outcome: Outcome,
  keycard: Keycard,
  callsBefore: number,
): Promise<void> {
  expect(outcome.steps.filter(({ op }) => op !== "same")).toEqual([]);
  const calls = (await keycard.requests()).slice(callsBefore);
  expect(calls.filter(({ method, operation }) => method !== "GET" && operation !== "token")).toEqual([]);
}

/** No secret in the state was ever told to the user. */
export function expectNothingTold(state: StoredResource[], told: string[]): void {
  const secrets = state.flatMap(({ outputs }) => outputs["clientSecret"] ?? []).map(String);
  expect(secrets.filter((secret) => told.some((text) => text.includes(secret))).length).toBe(0);
}

export const isOurs = ({ type }: StoredResource): boolean =>
  type.startsWith("pulumi-nodejs:dynamic/keycard:");

export const nameOf = (urn: string): string => urn.split("::").pop() ?? "";

/** What a program declares of each of its resources, in words that can be compared and printed. */
export function declarations({ accounts, credentials }: Program): Map<string, string> {
  return new Map([
    ...Object.entries(accounts).map(([key, look]) => [key, declaration(look, undefined)] as const),
    ...Object.entries(credentials).map(([key, look]) => [key, declaration(look, look.account)] as const),
  ]);
}

/** @param account the logical name of a credential's account */
export function declaration({ name, description }: Look, account: string | undefined): string {
  const kind = account === undefined ? "account" : `credential of ${account}`;
  return `${kind}, named ${name}${description ? `, described as ${description}` : ""}`;
}

function described(thing: Thing): string {
  return JSON.stringify(thing, Object.keys(thing).sort());
}
