import { setTimeout as sleep } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountCredential as WireCredential } from "../sdk";
import { LARGEST_PAGE } from "./creation/making";
import type { Memory } from "./creation/memory";
import { described } from "./described";
import { ResourceError, withAdvice } from "./errors";
import { checkInputs, commonRules, idSchema, inputsOf, isUnknown, serviceAccountIdRule } from "./inputs";
import type { Keycard, Operations } from "./operations";
import { organizationOf, unlessGone } from "./organization";
import { KeycardResource } from "./resource";
import { credentials, remove } from "./serviceAccountCredential";

/** What a program says of all the credentials that a service account may have. */
export interface ExclusiveCredentialsArgs {
  /** The ID of the account. Every credential of it that is neither listed nor another resource's of the stack is revoked. */
  serviceAccountId: pulumi.Input<string>;
  /**
   * The IDs (not the client IDs) of the credentials that it may have, in any order. An empty list says: none. A listed one that
   * is not there is no concern of this resource.
   */
  credentialIds: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, else the environment's
   * KEYCARD_ORGANIZATION_ID.
   */
  organizationId?: pulumi.Input<string | undefined>;
}

interface Inputs {
  serviceAccountId: string;
  credentialIds: string[];
  organizationId: string;
}

interface State extends Inputs {
  /**
   * Of those that were there: IDs that some resource of the stack had. One of them that is no longer listed is being replaced or removed,
   * and Pulumi deletes it when all that uses it has changed over, which may take more than one update.
   */
  managedIds: string[];
  /** Of `credentialIds`, those that a refresh has added, because they are there. Absent where there are none. */
  otherIds?: string[];
}

const rules = {
  serviceAccountId: serviceAccountIdRule,
  credentialIds: {
    schema: idSchema,
    names: true,
    list: true,
    required:
      "is missing: list the id of each credential that may be there, as in `[key.id]`; `[]` says that none may",
  },
  organizationId: commonRules.organizationId,
};

/** The one way to the state; every operation returns through it. */
function toState(
  { organizationId, serviceAccountId, credentialIds }: Inputs,
  managedIds: string[],
  otherIds: string[] = [],
): State {
  return {
    organizationId,
    serviceAccountId,
    // The others come last, so that Pulumi shows each as an item that is taken away.
    credentialIds: [...credentialIds, ...otherIds],
    managedIds,
    ...(otherIds.length > 0 ? { otherIds } : {}),
  };
}

/**
 * Looks at all that is there, while this host makes none: what is just being made, or is lost and being settled, must not
 * be taken for somebody else's.
 */
function look<Answer>(
  { organizationId, serviceAccountId }: Inputs,
  keycard: Keycard,
  work: (there: WireCredential[]) => Answer | Promise<Answer>,
): Promise<Answer> {
  return keycard.memory.turnsIn(serviceAccountId).look(async () => {
    const page = { organization_id: organizationId, ...LARGEST_PAGE };
    const there = new Map<string, WireCredential>(); // A list that changes while it is walked may tell of one twice.
    for await (const one of credentials(keycard).list(serviceAccountId, page)) there.set(one.id, one);
    return work([...there.values()]);
  });
}

/** Whether a resource of the stack has it, as far as this host has heard, or is to have it. */
function isManaged(id: string, { known, adopting }: Memory): boolean {
  return known.has(id) || adopting.has(id);
}

/**
 * Those that are somebody else's. What a resource of the stack has is none of them, listed or not: it would be an outage.
 *
 * @throws {ResourceError} where a client ID is listed, since the very credential that is meant would be revoked
 */
function findOthers(
  there: WireCredential[],
  inputs: Inputs,
  olds: Partial<State>,
  { memory, tell }: Keycard,
): WireCredential[] {
  const listed = new Set(inputs.credentialIds);
  const mistaken = there.find(({ client_id, id }) => listed.has(client_id) && !listed.has(id));
  if (mistaken) throw clientIdListed(mistaken);
  const unlisted = there.filter(({ id }) => !listed.has(id));
  const isOurs = ({ id }: WireCredential) => isManaged(id, memory) || olds.managedIds?.includes(id);
  // What was listed until now is on its way out, as Pulumi shows.
  const forgotten = unlisted.filter((one) => isOurs(one) && !olds.credentialIds?.includes(one.id));
  if (forgotten.length > 0) {
    tell(
      `${titleOf(inputs)}: not revoked, though not listed, since this stack has ${them(forgotten)}:\n${described(forgotten)}\n` +
        "List the id of what is to stay. Take the resource out of the program for what is to go; if it is out already, run `pulumi refresh`.",
    );
  }
  return unlisted.filter((one) => !isOurs(one));
}

function clientIdListed({ id, client_id }: WireCredential): ResourceError {
  return new ResourceError(
    `credentialIds has "${client_id}", which is the client ID of the credential "${id}". Nothing was revoked. List its id, as in \`key.id\`.`,
  );
}

/** Tells what the next `up` revokes, and gives it; of what is not known before an `up`, nothing can be said. */
async function foresee(inputs: Inputs, olds: Partial<State>, keycard: Keycard): Promise<WireCredential[]> {
  const { organizationId, serviceAccountId, credentialIds } = inputs;
  if ([organizationId, serviceAccountId, credentialIds].some(isUnknown)) return [];
  const others = await unlessGone(keycard, organizationId, () =>
    look(inputs, keycard, (there) => findOthers(there, inputs, olds, keycard)),
  );
  if (others === undefined || others.length === 0) return [];
  keycard.tell(
    `${titleOf(inputs)}: not listed, so \`pulumi up\` revokes ${them(others)}:\n${described(others)}`,
  );
  return others;
}

/** Two for one account that list different things would each revoke what the other lists. */
function conflicts({ serviceAccountId, credentialIds }: Inputs, { exclusive }: Memory): string[] {
  if ([serviceAccountId, credentialIds, ...credentialIds].some(isUnknown)) return [];
  const ids = JSON.stringify([...new Set(credentialIds)].sort());
  const earlier = exclusive.get(serviceAccountId) ?? ids;
  exclusive.set(serviceAccountId, ids);
  if (earlier === ids) return [];
  return [
    "serviceAccountId has another ExclusiveCredentials in this program already, with another list: each would revoke what the other one lists. Put all into one list",
  ];
}

/** Revokes all others, and gives the state after that. */
function enforce(inputs: Inputs, olds: Partial<State>, keycard: Keycard): Promise<State> {
  return look(inputs, keycard, async (there) => {
    await revoke(findOthers(there, inputs, olds, keycard), inputs, keycard);
    const isOurs = (id: string) => isManaged(id, keycard.memory) || olds.managedIds?.includes(id);
    return toState(inputs, there.map(({ id }) => id).filter(isOurs));
  });
}

async function revoke(others: WireCredential[], inputs: Inputs, keycard: Keycard): Promise<void> {
  const results = await Promise.allSettled(others.map(({ id }) => remove(id, inputs, keycard)));
  const revoked = others.filter((_, index) => results[index]?.status === "fulfilled");
  if (revoked.length > 0) keycard.tell(`${titleOf(inputs)}: revoked:\n${described(revoked)}`);
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  const left = others.filter((one) => !revoked.includes(one));
  throw new ResourceError(
    `${(withAdvice(failure.reason) as Error).message}\nNot revoked:\n${described(left)}\n` +
      (revoked.length > 0 ? `Revoked:\n${described(revoked)}\n` : "") +
      "Run `pulumi up` again: it revokes what is left.",
    { cause: failure.reason },
  );
}

/** The life of a statement on which credentials a service account may have. */
export const exclusiveCredentials: Operations<Inputs, State> = {
  check: (news, organizationId) => checkInputs(rules, news, organizationId),

  async prepare(inputs, isNew, keycard) {
    const reasons = conflicts(inputs, keycard.memory);
    // What is there already is asked for a difference, which tells the same.
    if (isNew && reasons.length === 0) await foresee(inputs, {}, keycard);
    return reasons;
  },

  async diff(_id, olds, news, keycard) {
    if (olds.serviceAccountId !== news.serviceAccountId)
      return { changes: true, replaces: ["serviceAccountId"] };
    const others = await foresee(news, olds, keycard);
    const isSame =
      olds.organizationId === news.organizationId && areSame(olds.credentialIds, news.credentialIds);
    return { changes: !isSame || others.length > 0, replaces: [] };
  },

  async create(inputs, keycard) {
    return { id: `exclusive-${inputs.serviceAccountId}`, outs: await enforce(inputs, {}, keycard) };
  },

  async read(id, state, keycard) {
    const { managedIds, otherIds = [] } = state;
    if (managedIds === undefined) throw notReadable();
    const before = { ...(state as State), organizationId: organizationOf(state, keycard) };
    const there = await unlessGone(keycard, before.organizationId, () =>
      look(before, keycard, (found) => found.map((one) => one.id)),
    );
    if (there === undefined) return undefined;
    const listed = before.credentialIds.filter((one) => !otherIds.includes(one));
    const unlisted = there.filter((one) => !listed.includes(one));
    await heardOf(
      unlisted.filter((one) => managedIds.includes(one)),
      keycard.memory,
    );
    const isOurs = (one: string) =>
      isManaged(one, keycard.memory) || (managedIds.includes(one) && listed.includes(one));
    const props = toState(
      { ...before, credentialIds: listed },
      there.filter(isOurs),
      unlisted.filter((one) => !isOurs(one)),
    );
    return { id, props, inputs: inputsOf<Inputs>(rules, props) };
  },

  update: (_id, olds, news, keycard) => enforce(news, olds, keycard),

  // It only stops watching: what was made by somebody else is not for us to revoke any more.
  delete: () => Promise.resolve(),
};

function notReadable(): ResourceError {
  return new ResourceError(
    "ExclusiveCredentials is a statement, of which Keycard has nothing that could be read: leave the option id away.",
  );
}

/** Milliseconds that a refresh gives the resources which it reads side by side. */
const READ_WITHIN = 2000;

/** Waits until this host has read the resources that had these, if there still are such resources. */
async function heardOf(ids: string[], { known }: Memory): Promise<void> {
  const isOutstanding = () => ids.some((id) => !known.has(id));
  for (let waited = 0; isOutstanding() && waited < READ_WITHIN; waited += 50) await sleep(50);
}

/** Neither the order of a list means anything, nor that it names one twice. */
function areSame(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)];
  return one.size === other.size && [...one].every((id) => other.has(id));
}

function titleOf({ serviceAccountId }: Inputs): string {
  return `ExclusiveCredentials of the service account "${serviceAccountId}"`;
}

function them(some: readonly unknown[]): string {
  return some.length === 1 ? "it" : `these ${some.length}`;
}

/**
 * States that a service account has no credentials but those listed: any other one is drift, which `pulumi refresh` finds, a preview shows,
 * and `pulumi up` revokes. What a resource of the same stack has is never revoked, nor what the same `up` is making. It makes nothing at
 * Keycard, and deleting it deletes nothing there. At most one for each account.
 */
export class ExclusiveCredentials extends KeycardResource {
  /** The organization, by ID or by label, as it was given. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The IDs that are listed; after a refresh that found others, those, too. */
  declare readonly credentialIds: pulumi.Output<string[]>;
  /** The IDs of those that were there and that a resource of this stack had, when it was last looked. */
  declare readonly managedIds: pulumi.Output<string[]>;
  /** The IDs that a refresh has found there and that are not listed; absent where there are none. */
  declare readonly otherIds: pulumi.Output<string[] | undefined>;

  /**
   * @param name the resource's logical name in Pulumi
   * @param args which credentials the account may have
   * @param opts Pulumi's resource options
   */
  constructor(name: string, args: ExclusiveCredentialsArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { organizationId: undefined, managedIds: undefined, otherIds: undefined };
    super("ExclusiveCredentials", name, { ...outputs, ...args }, opts);
  }
}
