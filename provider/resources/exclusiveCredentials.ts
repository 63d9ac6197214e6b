import { setTimeout as sleep } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import { listed } from "../create/search";
import type { Memory } from "../session/memory";
import { described, lineOf } from "./describeCredential";
import { ResourceError, withAdvice } from "../errors";
import { accountIdRule, checkInputs, commonRules, idSchema, inputsOf, isUnknown } from "./inputs";
import type { Keycard, Operations } from "./operations";
import { organizationOf, unlessGone } from "./organization";
import { KeycardResource } from "./resource";
import { remove } from "./serviceAccountCredential";
import { findOthers, isManaged, lookAtAll, titleOf } from "./unlistedCredentials";
import type { Earlier, Statement } from "./unlistedCredentials";

/** What a program says of all the credentials that a service account may have. */
export interface ExclusiveCredentialsArgs {
  /** The ID of the account. Every other credential of it is revoked: list all that is to stay. */
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

type Inputs = Statement;

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
  serviceAccountId: accountIdRule,
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

/** What the state tells of the list that a program gave. */
function earlierOf({ credentialIds, managedIds, otherIds }: State): Required<Earlier> {
  return { credentialIds: credentialIds.filter((id) => !otherIds?.includes(id)), managedIds };
}

/** Tells what the next `up` revokes, and gives it; of what is not known before an `up`, nothing can be said. */
async function foresee(inputs: Inputs, earlier: Earlier, keycard: Keycard): Promise<WireCredential[]> {
  const { organizationId, serviceAccountId, credentialIds } = inputs;
  if ([organizationId, serviceAccountId, credentialIds].some(isUnknown)) return [];
  const others = await unlessGone(keycard, organizationId, () =>
    lookAtAll(inputs, keycard, (there) => findOthers(there, inputs, earlier, keycard)),
  );
  if (others === undefined || others.length === 0) return [];
  keycard.tell(`${titleOf(inputs)}: \`pulumi up\` revokes what is not listed:\n${described(others)}`);
  return others;
}

/** Two for one account that list different things would each revoke what the other lists. */
function conflicts({ serviceAccountId, credentialIds }: Inputs, { exclusive }: Memory): string[] {
  if ([serviceAccountId, credentialIds, ...credentialIds].some(isUnknown)) return [];
  const lists = exclusive.get(serviceAccountId) ?? new Set();
  exclusive.set(serviceAccountId, lists.add(JSON.stringify([...new Set(credentialIds)].sort())));
  return lists.size > 1 ? [CONFLICT] : [];
}

const CONFLICT =
  "serviceAccountId has another ExclusiveCredentials in this program, with another list: each would revoke what the other one lists. Put all into one list";

/**
 * Milliseconds to wait before anything is revoked: Pulumi asks for the other resources side by side, and each that it asks for tells
 * which credential is its own.
 */
const HEARD_WITHIN = 1000;

/** Revokes all others, and gives the state after that. */
async function enforce(inputs: Inputs, earlier: Earlier, keycard: Keycard): Promise<State> {
  const isAnyOther = (there: WireCredential[]) => findOthers(there, inputs, earlier, keycard).length > 0;
  if (await lookAtAll(inputs, keycard, isAnyOther)) await sleep(HEARD_WITHIN);
  if (conflicts(inputs, keycard.memory).length > 0)
    throw new ResourceError(`${CONFLICT}. Nothing was revoked.`);
  return lookAtAll(inputs, keycard, async (there) => {
    await revoke(findOthers(there, inputs, earlier, keycard), inputs, keycard);
    const ids = there.map(({ id }) => id);
    return toState(
      inputs,
      ids.filter((id) => isManaged(id, earlier, keycard.memory)),
    );
  });
}

async function revoke(others: WireCredential[], inputs: Inputs, keycard: Keycard): Promise<void> {
  const results = await Promise.allSettled(others.map(({ id }) => remove(id, inputs, keycard)));
  const revoked = others.filter((_, index) => results[index]?.status === "fulfilled");
  if (revoked.length > 0)
    keycard.tell(`${titleOf(inputs)}: revoked, since not listed:\n${described(revoked)}`);
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  const left = others.filter((one) => !revoked.includes(one));
  throw new ResourceError(
    `${(withAdvice(failure.reason) as Error).message}\nNot revoked:\n${listed(left, lineOf)}\n` +
      (revoked.length > 0 ? `Revoked:\n${listed(revoked, lineOf)}\n` : "") +
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
    const others = await foresee(news, earlierOf(olds), keycard);
    const isSame =
      olds.organizationId === news.organizationId && areSame(olds.credentialIds, news.credentialIds);
    return { changes: !isSame || others.length > 0, replaces: [] };
  },

  async create(inputs, keycard) {
    return { id: `exclusive-${inputs.serviceAccountId}`, outs: await enforce(inputs, {}, keycard) };
  },

  async read(id, state, keycard) {
    if (state.managedIds === undefined) throw notReadable();
    const before = { ...(state as State), organizationId: organizationOf(state, keycard) };
    const { credentialIds: listed, managedIds } = earlierOf(before);
    const there = await unlessGone(keycard, before.organizationId, () =>
      lookAtAll(before, keycard, (found) => found.map((one) => one.id)),
    );
    if (there === undefined) return undefined;
    const unlisted = there.filter((one) => !listed.includes(one));
    await heardOf(
      unlisted.filter((one) => managedIds.includes(one)),
      keycard.memory,
    );
    // What is no longer listed, and no resource has any more, is somebody else's from now on.
    const still = { managedIds: managedIds.filter((one) => listed.includes(one)) };
    const isOurs = (one: string) => isManaged(one, still, keycard.memory);
    const props = toState(
      { ...before, credentialIds: listed },
      there.filter(isOurs),
      unlisted.filter((one) => !isOurs(one)),
    );
    return { id, props, inputs: inputsOf<Inputs>(rules, props) };
  },

  update: (_id, olds, news, keycard) => enforce(news, earlierOf(olds), keycard),

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

/**
 * States that a service account has no credentials but those listed: any other one is drift, which `pulumi refresh` finds, a preview shows,
 * and `pulumi up` revokes; never a listed one, nor one that the same `up` is making. What a resource of the same stack has without being
 * listed is spared where the `up` has heard of it, which with `--target` it may not have. It makes nothing at Keycard, and deleting it
 * deletes nothing there. At most one for each account.
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
   * @throws {pulumi.RunError} where `keycard:clientSecret` or `keycard:apiKey` is configured in clear, and for the option `import`
   */
  constructor(name: string, args: ExclusiveCredentialsArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { organizationId: undefined, managedIds: undefined, otherIds: undefined };
    super("ExclusiveCredentials", name, { ...outputs, ...args }, opts);
  }
}
