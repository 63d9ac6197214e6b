import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import { ResourceError, withAdvice } from "../errors";
import type { ProviderContext } from "../session/context";
import { idSetKey } from "../session/exclusiveLists";
import { formatList } from "./formatList";
import {
  accountIdRule,
  checkInputs,
  commonRules,
  idSchema,
  isPending,
  missingInputs,
  requireInputs,
} from "./inputs";
import type { Rules } from "./inputs";
import type { ResourceOperations } from "./operations";
import { organizationOf, undefinedIfNotFound } from "./organization";
import { ROTATING_ID_PREFIX } from "./resourceTypes";
import type { OrganizationArgs } from "./args";
import { revokeCredential } from "./credentials";
import { describeCredential, logAbout, idsOf, inspectCredentials } from "./unlistedCredentials";
import type { CredentialList, CredentialRecords, Inspection } from "./unlistedCredentials";

/** The arguments of `ExclusiveCredentials`. */
export interface ExclusiveCredentialsArgs extends OrganizationArgs {
  /** The ID of the account whose credentials are restricted. */
  serviceAccountId: pulumi.Input<string>;
  /**
   * The IDs (not the client IDs) of the credentials that the account may have, in any order. List all that are to stay. An empty list allows none
   * but those that this stack manages. The ID of a credential that does not exist has no effect.
   */
  credentialIds: pulumi.Input<pulumi.Input<string>[]>;
}

type State = CredentialList & CredentialRecords;

const rules = {
  serviceAccountId: accountIdRule,
  credentialIds: {
    schema: idSchema,
    isId: "a Keycard ID",
    isOutput: true,
    list: true,
    required:
      "is missing: list the id of each credential that is to stay, for example `[key.id]`; `[]` allows none but those that this stack manages",
  },
  organizationId: commonRules.organizationId,
} satisfies Rules;

/** Builds the state; every operation returns through it. */
function toState(
  { organizationId, serviceAccountId, credentialIds }: CredentialList,
  managedIds: string[],
  otherIds: string[],
): State {
  return {
    organizationId,
    serviceAccountId,
    credentialIds,
    managedIds,
    ...(otherIds.length > 0 ? { otherIds } : {}),
  };
}

const CONFLICT =
  "this program declares another ExclusiveCredentials for this serviceAccountId, with another list: each would revoke what the other one lists. Put all into one list";

/** The ID of a `RotatingCredential` is not that of any credential. */
function refuseRotatingIds(
  { credentialIds }: { credentialIds?: unknown },
  isRotating: (id: string) => boolean,
): string[] {
  const ids: unknown[] = Array.isArray(credentialIds) ? credentialIds : [];
  return ids.flatMap((one, index) =>
    isRotating(String(one))
      ? `credentialIds item ${index + 1} is the id of a RotatingCredential. Replace it with the items of key.credentialIds; if it is the only item, write \`credentialIds: key.credentialIds\``
      : [],
  );
}

/** Returns true if an item of the list has no value. */
function hasGaps({ credentialIds }: { credentialIds: (string | null)[] }): boolean {
  return Array.isArray(credentialIds) && credentialIds.includes(null);
}

/** Returns true if all IDs of a list are known. */
function isComplete(credentialIds: string[] | undefined): boolean {
  return !isPending(credentialIds) && credentialIds?.some(isPending) === false;
}

function isConflicting(
  { serviceAccountId, credentialIds }: CredentialList,
  { exclusiveLists }: ProviderContext,
): boolean {
  if (isPending(serviceAccountId) || !isComplete(credentialIds)) return false;
  return !exclusiveLists.isConsistent(serviceAccountId, credentialIds);
}

const KEPT =
  "not revoked, although not listed, because this stack manages them or has managed them (list those that are to stay; to get rid of one that the stack no longer manages, " +
  "delete it at Keycard, or run `pulumi up --replace <URN of this ExclusiveCredentials>`: a later `pulumi up` then revokes it)";

/** Logs the unlisted credentials that are kept, except those that this update takes off the list, since Pulumi shows them as removed. */
async function logKept(
  inputs: CredentialList,
  { kept, own }: Inspection,
  olds: Partial<State>,
  context: ProviderContext,
): Promise<void> {
  await logAbout(own, "not revoked, although not listed, because Pulumi signs in with it", inputs, context);
  // The unknown ID may be that of any of them.
  if (!isComplete(inputs.credentialIds)) return;
  const unexpected = kept.filter(({ id }) => !olds.credentialIds?.includes(id));
  await logAbout(unexpected, KEPT, inputs, context);
}

/** Reports what the next `up` does with unlisted credentials; returns true if it changes anything. */
async function previewRevocations(
  inputs: CredentialList,
  olds: Partial<State>,
  context: ProviderContext,
): Promise<boolean> {
  const { organizationId, serviceAccountId, credentialIds } = inputs;
  if ([organizationId, serviceAccountId, credentialIds].some(isPending) || hasGaps(inputs)) return false;
  const found = await undefinedIfNotFound(context, organizationId, () =>
    inspectCredentials(inputs, olds, context),
  );
  if (found === undefined) return false;
  await logKept(inputs, found, olds, context);
  const { revocable, unrecorded } = found;
  await logAbout(revocable, "`pulumi up` revokes these unlisted credentials", inputs, context);
  if (isComplete(credentialIds))
    await logAbout(
      unrecorded,
      "`pulumi up` records these unlisted credentials, and a later one revokes them",
      inputs,
      context,
    );
  return revocable.length + unrecorded.length > 0;
}

/** Revokes the unlisted credentials that are recorded, records the others, and returns the state. */
async function enforce(
  inputs: CredentialList,
  olds: Partial<State>,
  context: ProviderContext,
): Promise<State> {
  requireInputs(rules, inputs);
  if (!isComplete(inputs.credentialIds))
    throw new ResourceError("credentialIds has an item without a value. Nothing was revoked.");
  if (isConflicting(inputs, context)) throw new ResourceError(`${CONFLICT}. Nothing was revoked.`);
  const found = await inspectCredentials(inputs, olds, context);
  await logKept(inputs, found, olds, context);
  await revoke(found.revocable, inputs, context);
  const { managedIds, unrecorded } = found;
  await logAbout(
    unrecorded,
    "recorded, because not listed; the next `pulumi up` revokes those that are still unlisted",
    inputs,
    context,
  );
  return toState(inputs, managedIds, idsOf(unrecorded));
}

async function revoke(
  revocable: WireCredential[],
  inputs: CredentialList,
  context: ProviderContext,
): Promise<void> {
  const results = await Promise.allSettled(revocable.map(({ id }) => revokeCredential(id, inputs, context)));
  const revoked = revocable.filter((_, index) => results[index]?.status === "fulfilled");
  await logAbout(revoked, "revoked, because not listed", inputs, context);
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  const left = revocable.filter((one) => !revoked.includes(one));
  throw new ResourceError(
    `${(withAdvice(failure.reason) as Error).message}\nNot revoked:\n${formatList(left, describeCredential)}\n` +
      (revoked.length > 0 ? `Revoked:\n${formatList(revoked, describeCredential)}\n` : "") +
      "Run `pulumi up` again: it revokes the rest.",
    { cause: failure.reason },
  );
}

/** The lifecycle of `ExclusiveCredentials`, which states the credentials that a service account may have. */
export const exclusiveCredentials: ResourceOperations<CredentialList, State> = {
  inputRules: rules,
  rules,
  outputs: ["organizationId", "managedIds", "otherIds"],
  secrets: [],

  check(news, organizationId) {
    const { inputs, failures } = checkInputs(rules, news, organizationId);
    const isRotating = (one: string) => one.startsWith(ROTATING_ID_PREFIX);
    return { inputs, failures: failures.length > 0 ? failures : refuseRotatingIds(inputs, isRotating) };
  },

  async validateRemote(inputs, { exists }, context) {
    if (isConflicting(inputs, context)) return [CONFLICT];
    // A converted one has the ID of its first credential.
    const rotating = refuseRotatingIds(inputs, (one) => context.registry.isRotating(one));
    if (rotating.length > 0) return rotating;
    // For an existing resource, diff does it.
    if (!exists) await previewRevocations(inputs, {}, context);
    return [];
  },

  async diff(_id, olds, news, context) {
    // With `--continue-on-error`, a resource that provides an input may have failed: then nothing can be compared.
    if (missingInputs(rules, news).length > 0 || hasGaps(news)) return { changes: false, replaces: [] };
    if (olds.serviceAccountId !== news.serviceAccountId)
      return { changes: true, replaces: ["serviceAccountId"] };
    const hasUnlisted = await previewRevocations(news, olds, context);
    const isSame =
      olds.organizationId === news.organizationId &&
      idSetKey(olds.credentialIds) === idSetKey(news.credentialIds);
    return { changes: !isSame || hasUnlisted, replaces: [], affected: ["managedIds", "otherIds"] };
  },

  async create(inputs, context) {
    return { id: `exclusive-${inputs.serviceAccountId}`, outs: await enforce(inputs, {}, context) };
  },

  async read(_id, state, context) {
    if (state.managedIds === undefined)
      throw new ResourceError(
        "An ExclusiveCredentials exists only in Pulumi's state, not at Keycard, so Pulumi can neither read nor import one by its ID. Declare it in the program, without the options id and import.",
      );
    const { otherIds = [], ...rest } = state as State;
    const credentialIds = rest.credentialIds.filter((one) => !otherIds.includes(one));
    const list = { ...rest, credentialIds, organizationId: organizationOf(state, context) };
    const found = await undefinedIfNotFound(context, list.organizationId, () =>
      inspectCredentials(list, state, context),
    );
    if (found === undefined) return undefined;
    const others = idsOf([...found.revocable, ...found.unrecorded]);
    // Pulumi shows each of them as an item that the next update removes.
    return toState({ ...list, credentialIds: [...credentialIds, ...others] }, found.managedIds, others);
  },

  update: (_id, olds, news, context) => enforce(news, olds, context),

  // It only ends the enforcement: credentials that others created are no longer its concern.
  delete: () => Promise.resolve(),
};
