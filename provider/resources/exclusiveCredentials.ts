import * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import { ResourceError, withAdvice } from "../errors";
import type { ProviderContext } from "../session/context";
import { describeCredential } from "./describeCredential";
import { accountIdRule, checkInputs, commonRules, idSchema, inputsOf, isUnknown } from "./inputs";
import { listed } from "./listed";
import type { ResourceOperations } from "./operations";
import { organizationOf, undefinedIfNotFound } from "./organization";
import { registered } from "./properties";
import { TYPE_PREFIX } from "./resourceTypes";
import { remove } from "./serviceAccountCredential";
import { idsOf, inspectCredentials, message } from "./unlistedCredentials";
import type { CredentialList, Inspection } from "./unlistedCredentials";

/** The arguments of `ExclusiveCredentials`. */
export interface ExclusiveCredentialsArgs {
  /** The ID of the account. All its other credentials are revoked: list all that are to stay. */
  serviceAccountId: pulumi.Input<string>;
  /**
   * The IDs (not the client IDs) of the credentials that the account may have, in any order. An empty list allows none. An ID without a
   * credential has no effect.
   */
  credentialIds: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, else the environment's
   * KEYCARD_ORGANIZATION_ID.
   */
  organizationId?: pulumi.Input<string | undefined>;
}

type Inputs = CredentialList;

interface State extends Inputs {
  /**
   * IDs of the credentials that some resource of the stack has, or had when an update or a refresh last processed it. Each stays until it is
   * deleted at Keycard: Pulumi deletes one that is replaced or removed only when all that uses it has changed over, which may take
   * several updates.
   */
  managedIds: string[];
  /** IDs of the credentials that a refresh or an update found and that are neither listed nor managed. Absent if there are none. */
  otherIds?: string[];
}

const rules = {
  serviceAccountId: accountIdRule,
  credentialIds: {
    schema: idSchema,
    names: true,
    list: true,
    required:
      "is missing: list the id of each credential that the account may have, as in `[key.id]`; `[]` allows none",
  },
  organizationId: commonRules.organizationId,
};

/** Builds the state; every operation returns through it. */
function toState(
  { organizationId, serviceAccountId, credentialIds }: Inputs,
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
  "serviceAccountId has another ExclusiveCredentials in this program, with another list: each would revoke what the other one lists. Put all into one list";

function conflicts(
  { serviceAccountId, credentialIds }: Inputs,
  { exclusiveLists }: ProviderContext,
): string[] {
  if ([serviceAccountId, credentialIds, ...credentialIds].some(isUnknown)) return [];
  return exclusiveLists.declare(serviceAccountId, credentialIds) === "conflict" ? [CONFLICT] : [];
}

const KEPT =
  "not revoked, although not listed, because this stack manages each or did so (list those that are to stay; to release one, delete it at Keycard, " +
  "or replace this resource with `pulumi up --replace <its URN>`, which forgets what this stack managed earlier)";

/** Names the unlisted credentials that are kept; those that were listed so far are left out, since Pulumi shows them as removed. */
function logKept(inputs: Inputs, { kept }: Inspection, olds: Partial<State>, context: ProviderContext): void {
  // The unknown ID may be that of any of them.
  if (inputs.credentialIds.some(isUnknown)) return;
  const unexpected = kept.filter(({ id }) => !olds.credentialIds?.includes(id));
  if (unexpected.length > 0) context.logInfo(message(inputs, KEPT, unexpected));
}

/** Reports what the next `up` does with unlisted credentials; returns true if it changes anything. */
async function previewRevocations(
  inputs: Inputs,
  olds: Partial<State>,
  context: ProviderContext,
): Promise<boolean> {
  const { organizationId, serviceAccountId, credentialIds } = inputs;
  if ([organizationId, serviceAccountId, credentialIds].some(isUnknown)) return false;
  const found = await undefinedIfNotFound(context, organizationId, () =>
    inspectCredentials(inputs, olds, context),
  );
  if (found === undefined) return false;
  logKept(inputs, found, olds, context);
  const { revocable, unrecorded } = found;
  if (revocable.length > 0)
    context.logInfo(message(inputs, "`pulumi up` revokes these unlisted credentials", revocable));
  if (unrecorded.length > 0 && !credentialIds.some(isUnknown))
    context.logInfo(
      message(
        inputs,
        "`pulumi up` records these unlisted credentials, and a later one revokes them",
        unrecorded,
      ),
    );
  return revocable.length + unrecorded.length > 0;
}

/** Revokes the unlisted credentials that are recorded, records the others, and returns the state. */
async function enforce(inputs: Inputs, olds: Partial<State>, context: ProviderContext): Promise<State> {
  if (conflicts(inputs, context).length > 0) throw new ResourceError(`${CONFLICT}. Nothing was revoked.`);
  const found = await inspectCredentials(inputs, olds, context);
  logKept(inputs, found, olds, context);
  await revoke(found.revocable, inputs, context);
  const { managedIds, unrecorded } = found;
  if (unrecorded.length > 0)
    context.logInfo(
      message(
        inputs,
        "recorded, because not listed; the next `pulumi up` revokes those that are still unlisted",
        unrecorded,
      ),
    );
  return toState(inputs, managedIds, idsOf(unrecorded));
}

async function revoke(revocable: WireCredential[], inputs: Inputs, context: ProviderContext): Promise<void> {
  const results = await Promise.allSettled(revocable.map(({ id }) => remove(id, inputs, context)));
  const revoked = revocable.filter((_, index) => results[index]?.status === "fulfilled");
  if (revoked.length > 0) context.logInfo(message(inputs, "revoked, because not listed", revoked));
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  const left = revocable.filter((one) => !revoked.includes(one));
  throw new ResourceError(
    `${(withAdvice(failure.reason) as Error).message}\nNot revoked:\n${listed(left, describeCredential)}\n` +
      (revoked.length > 0 ? `Revoked:\n${listed(revoked, describeCredential)}\n` : "") +
      "Run `pulumi up` again: it revokes the rest.",
    { cause: failure.reason },
  );
}

/** The lifecycle of the statement which credentials a service account may have. */
export const exclusiveCredentials: ResourceOperations<Inputs, State> = {
  check: (news, organizationId) => checkInputs(rules, news, organizationId),

  async validateRemote(inputs, exists, context) {
    const reasons = conflicts(inputs, context);
    // For an existing resource, diff reports them.
    if (!exists && reasons.length === 0) await previewRevocations(inputs, {}, context);
    return reasons;
  },

  async diff(_id, olds, news, context) {
    if (olds.serviceAccountId !== news.serviceAccountId)
      return { changes: true, replaces: ["serviceAccountId"] };
    const hasUnlisted = await previewRevocations(news, olds, context);
    const isSame =
      olds.organizationId === news.organizationId && haveSameIds(olds.credentialIds, news.credentialIds);
    return { changes: !isSame || hasUnlisted, replaces: [] };
  },

  async create(inputs, context) {
    return { id: `exclusive-${inputs.serviceAccountId}`, outs: await enforce(inputs, {}, context) };
  },

  async read(id, state, context) {
    if (state.managedIds === undefined) throw notReadable();
    const { otherIds = [], ...rest } = state as State;
    const credentialIds = rest.credentialIds.filter((one) => !otherIds.includes(one));
    const list = { ...rest, credentialIds, organizationId: organizationOf(state, context) };
    const found = await undefinedIfNotFound(context, list.organizationId, () =>
      inspectCredentials(list, state, context),
    );
    if (found === undefined) return undefined;
    const others = idsOf([...found.revocable, ...found.unrecorded]);
    // Pulumi shows each of them as an item that the next update removes.
    const props = toState(
      { ...list, credentialIds: [...credentialIds, ...others] },
      found.managedIds,
      others,
    );
    return { id, props, inputs: inputsOf<Inputs>(rules, props) };
  },

  update: (_id, olds, news, context) => enforce(news, olds, context),

  // It only ends the enforcement: credentials that others created are no longer its concern.
  delete: () => Promise.resolve(),
};

function notReadable(): ResourceError {
  return new ResourceError(
    "ExclusiveCredentials is a statement that Keycard does not store, so it cannot be read. Remove the option id.",
  );
}

/** Returns true if both lists have the same IDs; order and repetition do not count. */
function haveSameIds(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)];
  return one.size === other.size && [...one].every((id) => other.has(id));
}

/**
 * States that a service account has no credentials but those listed. Any other is drift: a refresh or an update records it, the preview
 * announces it, and the next `pulumi up` revokes it if it is still unlisted. Credentials that this stack manages are never revoked while
 * the state records that, but list them all the same. It creates nothing at Keycard, and deleting it deletes nothing there. An account has
 * at most one.
 */
export class ExclusiveCredentials extends pulumi.CustomResource {
  /** The organization, by ID or by label, as in the arguments. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The listed IDs; after a refresh that found other credentials, also theirs. */
  declare readonly credentialIds: pulumi.Output<string[]>;
  /** The IDs of the credentials that this stack manages, as of the last update or refresh. */
  declare readonly managedIds: pulumi.Output<string[]>;
  /** The IDs of other credentials that the last refresh or update found, and that the next update revokes; absent if there are none. */
  declare readonly otherIds: pulumi.Output<string[] | undefined>;

  /**
   * @param name the resource's logical name in Pulumi
   * @param args the credentials that the account may have
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, and for the option `import`
   */
  constructor(name: string, args: ExclusiveCredentialsArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = { organizationId: undefined, managedIds: undefined, otherIds: undefined };
    const props = { ...outputs, ...args };
    super(
      `${TYPE_PREFIX}ExclusiveCredentials`,
      name,
      registered("ExclusiveCredentials", name, props, opts),
      opts,
    );
  }
}
