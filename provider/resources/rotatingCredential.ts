import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { findAdopted, previewAdoption } from "../create/adopt";
import { deletePending } from "../create/pendingVerification";
import { ResourceError } from "../errors";
import { previewRotation } from "../rotation/preview";
import { isTriggerComplete } from "../rotation/plan";
import { isOwn } from "../rotation/retirement";
import { Rotator } from "../rotation/rotator";
import {
  baseName,
  durationsOf,
  idsOf,
  isRotationState,
  NO_ROTATION,
  rotationOf,
  nextText,
  toState,
} from "../rotation/state";
import type { ConvertibleState, Generation, RotationInputs, RotationState } from "../rotation/state";
import type { ProviderContext } from "../session/context";
import { adoptionTarget, credentialStrategy, retrieveCredential, revokeCredential } from "./credentials";
import {
  changedInputs,
  checkInputs,
  comparedCredentialRules,
  credentialRules,
  durationSchema,
  isUnknown,
  missingInputs,
  requireInputs,
} from "./inputs";
import type { Rules } from "./inputs";
import type { ResourceOperations } from "./operations";
import {
  isInAnotherOrganization,
  organizationOf,
  requirePreviouslyExisting,
  undefinedIfNotFound,
} from "./organization";
import { registration, withDefaultName } from "./properties";
import { ROTATING_ID_PREFIX } from "./resourceTypes";
import type { ServiceAccountCredentialArgs } from "./serviceAccountCredential";

/** The arguments of a credential that rotates. */
export interface RotatingCredentialArgs extends ServiceAccountCredentialArgs {
  /**
   * The first `up` after the credential has this age rotates it: a number and a unit (`s`, `m` for minutes, `h`, `d`, `w`, `y`, or their
   * names), such as "30d". Left out, it rotates only when `rotateWhenChanged` changes.
   */
  rotateAfter?: pulumi.Input<string | undefined>;
  /**
   * How long the previous credential remains valid after a rotation, shorter than `rotateAfter`: until then, everything that uses it must
   * have the new one. "0s" revokes it at once, before Pulumi updates what uses it. Default: a day, or half of `rotateAfter` if that is less.
   */
  keepPreviousFor?: pulumi.Input<string | undefined>;
}

interface Inputs extends RotationInputs {
  adopt?: string;
  clientSecret?: string;
}

type State = RotationState | ConvertibleState;

const durationRules = {
  rotateAfter: { schema: durationSchema("positive") },
  keepPreviousFor: { schema: durationSchema("or zero") },
} satisfies Rules;

/** The inputs that `diff` compares. */
const rules = { ...comparedCredentialRules, ...durationRules } satisfies Rules;

const checkedRules = { ...credentialRules, ...durationRules } satisfies Rules;

/** The overlap must end before the next rotation, which revokes the previous credential. */
function refuseLongOverlap(inputs: Partial<Inputs>): string[] {
  const { rotateAfter, overlap } = durationsOf(inputs);
  if (inputs.keepPreviousFor === undefined || isUnknown(inputs.keepPreviousFor)) return [];
  return rotateAfter === undefined || overlap < rotateAfter
    ? []
    : ["keepPreviousFor must be shorter than rotateAfter: the next rotation revokes the previous credential"];
}

/** Returns true if something is left that the next `up` completes, whatever the time. */
function isIncomplete(id: string, state: State, context: ProviderContext): boolean {
  const { current, pending, lost, superseded } = rotationOf(id, state);
  const isCurrentUsable = current?.clientSecret !== undefined;
  return !isCurrentUsable || !!pending || !!lost || superseded.some((one) => !isOwn(one, context));
}

/** The lifecycle of a credential that rotates. */
export const rotatingCredential: ResourceOperations<Inputs, State> = {
  rules,

  objectIds: (id, state) => idsOf(rotationOf(id, state as State)),

  check(news, organizationId) {
    const { inputs, failures } = checkInputs(checkedRules, news, organizationId);
    return { inputs, failures: failures.length > 0 ? failures : refuseLongOverlap(inputs) };
  },

  async validateRemote(inputs, { exists, isPreview }, context) {
    // With `--continue-on-error`, an input may be missing.
    const isIncomplete = missingInputs(checkedRules, inputs).length > 0 || isUnknown(inputs.serviceAccountId);
    if (exists || !isPreview || isIncomplete) return [];
    return previewAdoption(inputs, adoptionTarget(inputs, context), context);
  },

  async diff(id, olds, news, context) {
    const rotation = rotationOf(id, olds);
    const changed = changedInputs(rules, olds, news).filter(
      (property) => property !== "rotateWhenChanged" || isTriggerComplete(news),
    );
    const replaces: string[] = changed.filter((property) => property === "serviceAccountId");
    const [anyId = id] = idsOf(rotation);
    const find = () => retrieveCredential(anyId, news, context);
    if (replaces.length === 0 && (await isInAnotherOrganization(olds, news, find)))
      replaces.push("organizationId");
    if (replaces.length > 0) return { changes: true, replaces };
    const isConverted = !isRotationState(olds);
    const changes = changed.length > 0 || isConverted || isIncomplete(id, olds, context);
    // What is due is no drift.
    if (context.refreshes.isRefresh(id, news)) return { changes, replaces };
    return { changes: (await previewRotation(rotation, olds, news, context)) || changes, replaces };
  },

  async create(inputs, context) {
    requireInputs(checkedRules, inputs);
    const id = `${ROTATING_ID_PREFIX}${randomUUID()}`;
    const found = await findAdopted(inputs, adoptionTarget(inputs, context), context);
    if (!found) return { id, outs: await new Rotator(id, inputs, { ...NO_ROTATION }, inputs, context).run() };
    const { id: credentialId, client_id: clientId, created_at: rotatedAt, name, description } = found;
    const current = { number: 1, id: credentialId, clientId, clientSecret: inputs.clientSecret };
    const rotation = { ...NO_ROTATION, count: 1, rotatedAt, current };
    const olds = { ...inputs, name: baseName(name, 1), description };
    return { id, outs: await new Rotator(id, olds, rotation, inputs, context).adopt() };
  },

  async read(id, state, context) {
    const { serviceAccountId, name } = state;
    if (serviceAccountId === undefined || name === undefined)
      throw new ResourceError(
        "Keycard does not know RotatingCredential, so Pulumi cannot read one. Remove the option id.",
      );
    const inputs = { ...(state as State), organizationId: organizationOf(state, context), serviceAccountId };
    const rotation = rotationOf(id, inputs);
    const retrieve = (one: Generation | undefined) => one && retrieveCredential(one.id, inputs, context);
    const { current, previous, pending } = rotation;
    const [foundCurrent, foundPrevious, foundPending] = await Promise.all(
      [current, previous, pending].map(retrieve),
    );
    const isDeleted = !foundCurrent && !foundPrevious && !foundPending && !rotation.lost;
    if (isDeleted) return requirePreviouslyExisting(id, id);
    const text =
      foundCurrent && current
        ? { name: baseName(foundCurrent.name, current.number), description: foundCurrent.description }
        : {};
    return toState(
      { ...inputs, ...text },
      {
        ...rotation,
        current: foundCurrent && current,
        previous: foundPrevious && previous,
        pending: foundPending && pending,
      },
    );
  },

  update(id, olds, news, context) {
    // Pulumi updates without a difference only to repeat an update that failed.
    const isRepeat = changedInputs(rules, olds, news).length === 0 && isRotationState(olds);
    return new Rotator(id, olds, rotationOf(id, olds), news, context).run(isRepeat);
  },

  async delete(id, state, context) {
    const rotation = rotationOf(id, state);
    const { lost } = rotation;
    if (lost) {
      const { organizationId, serviceAccountId } = state;
      const request = { organizationId, serviceAccountId, ...nextText(state, rotation) };
      const strategy = credentialStrategy(request, context, (_found, cause) => cause);
      await undefinedIfNotFound(context, state.organizationId, () =>
        deletePending(id, strategy, lost, context),
      );
    }
    // Another resource may have adopted one of them in this update.
    const ids = idsOf(rotation).filter((one) => !context.adoption.isAdopted(one));
    await Promise.all(ids.map((one) => revokeCredential(one, state, context)));
  },
};

/**
 * A service account's credential that is replaced in time, while the previous one remains valid for what still uses it. A rotation is an
 * update in place: the resource's `id` stays the same, `clientId` and `clientSecret` change. Renaming it renames its credentials at Keycard,
 * where each has a number, as in "ci (2)". Deleting it deletes all of them.
 */
export class RotatingCredential extends pulumi.CustomResource {
  /** The organization, by ID or by label, as in the arguments. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account that signs in with it. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The name, without the number that each credential has at Keycard. */
  declare readonly name: pulumi.Output<string>;
  /** The description, as Keycard has it; absent if it has none. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** As in the arguments. */
  declare readonly rotateAfter: pulumi.Output<string | undefined>;
  /** As in the arguments. */
  declare readonly keepPreviousFor: pulumi.Output<string | undefined>;
  /** The map whose change rotates the credential, as in the arguments. */
  declare readonly rotateWhenChanged: pulumi.Output<Record<string, string> | undefined>;
  /** The client ID of the current credential, to sign in with; no secret. */
  declare readonly clientId: pulumi.Output<string>;
  /** The client secret of the current credential; a Pulumi secret. */
  declare readonly clientSecret: pulumi.Output<string>;
  /** The client ID of the previous credential; absent if there is none. */
  declare readonly previousClientId: pulumi.Output<string | undefined>;
  /** The client secret of the previous credential; a Pulumi secret; absent if there is none. */
  declare readonly previousClientSecret: pulumi.Output<string | undefined>;
  /** When the previous credential is due to be revoked: the first `up` after it does that; RFC 3339, UTC. Absent if there is none. */
  declare readonly previousRetiresAt: pulumi.Output<string | undefined>;
  /** When the current credential became the current one; RFC 3339, UTC. */
  declare readonly rotatedAt: pulumi.Output<string>;
  /** When it is due to be rotated: the first `up` after it does that; RFC 3339, UTC. Absent without `rotateAfter`. */
  declare readonly nextRotationAt: pulumi.Output<string | undefined>;
  /** The IDs of all credentials of this resource, the current one first: what `ExclusiveCredentials` lists. */
  declare readonly credentialIds: pulumi.Output<string[]>;

  /**
   * @param name the resource's logical name in Pulumi; also the credential's name if `args` has none
   * @param args the credential's arguments
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} if `keycard:clientSecret` or `keycard:apiKey` is configured in plain text, and for the option `import`
   */
  constructor(name: string, args: RotatingCredentialArgs, opts?: pulumi.CustomResourceOptions) {
    // A secret also if the program gives it in plain text.
    const secret = args?.clientSecret === undefined ? {} : { clientSecret: pulumi.secret(args.clientSecret) };
    const inputs = { ...withDefaultName(args, name), ...secret };
    super(
      ...registration("RotatingCredential", name, checkedRules, OUTPUTS, inputs, opts),
      pulumi.mergeOptions({ additionalSecretOutputs: SECRET_OUTPUTS }, opts),
    );
  }
}

const OUTPUTS = [
  ...[
    "organizationId",
    "description",
    "clientId",
    "clientSecret",
    "rotatedAt",
    "nextRotationAt",
    "credentialIds",
  ],
  ...["previousClientId", "previousClientSecret", "previousRetiresAt"],
];

const SECRET_OUTPUTS = ["clientSecret", "previousClientSecret", "pendingClientSecret"];
