import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import { findAdopted, previewAdoption } from "../create/adopt";
import { deletePending } from "../create/pendingVerification";
import { ResourceError } from "../errors";
import type { AdoptionTarget } from "../create/adopt";
import { previewRotation, ROTATED, TIMES } from "../rotation/preview";
import { isOwn, SIGNS_IN } from "../rotation/retirement";
import { Rotator } from "../rotation/rotator";
import {
  baseName,
  durationsOf,
  idsOf,
  isRotationState,
  NO_ROTATION,
  rotationOf,
  nextText,
  onlyExisting,
  toState,
} from "../rotation/state";
import type { ConvertibleState, Rotation, RotationInputs, RotationState, Text } from "../rotation/state";
import type { ProviderContext } from "../session/context";
import { adoptionTarget, credentialStrategy, retrieveCredential, revokeCredential } from "./credentials";
import {
  changedInputs,
  checkInputs,
  comparedCredentialRules,
  credentialRules,
  durationSchema,
  isTriggerComplete,
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
import { ROTATING_ID_PREFIX } from "./resourceTypes";
import type { ServiceAccountCredentialArgs } from "./serviceAccountCredential";

/** The arguments of a credential that rotates. */
export interface RotatingCredentialArgs extends ServiceAccountCredentialArgs {
  /**
   * The first `up` after the credential has this age rotates it: a number and a unit (`s`, `m` for minutes, `h`, `d`, `w`, `y`, or their
   * names), such as "30d". If this is left out, the credential rotates only when `rotateWhenChanged` changes.
   */
  rotateAfter?: pulumi.Input<string | undefined>;
  /**
   * How long the previous credential remains valid after a rotation; must be shorter than `rotateAfter`. By the end of this time, everything that
   * uses the previous credential must have the new one. "0s" revokes it at once, before Pulumi updates what uses it. Default: a day, or half of
   * `rotateAfter` if that is less.
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
  const { current, pending, lost, superseded, isUneven } = rotationOf(id, state);
  const isCurrentUsable = current?.clientSecret !== undefined;
  return (
    !isCurrentUsable || !!pending || !!lost || isUneven || superseded.some((one) => !isOwn(one, context))
  );
}

/** With `--continue-on-error`, an input is missing if the resource that provides it failed: it then counts as unchanged. */
function completed(news: Inputs, olds: State): Inputs {
  const { serviceAccountId, organizationId, name } = olds;
  const required = { serviceAccountId, organizationId, name };
  const given = Object.entries(news).filter(([, value]) => value != null);
  return { ...required, ...(Object.fromEntries(given) as Inputs) };
}

/** Returns `undefined` if the organization has no such account. */
function retrieveAccount({ organizationId, serviceAccountId }: Inputs, context: ProviderContext) {
  const { serviceAccounts } = context.client.organizations;
  return undefinedIfNotFound(context, organizationId, () =>
    serviceAccounts.retrieve(serviceAccountId, { organization_id: organizationId }),
  );
}

/** Returns the names and descriptions that the current and the previous credential have at Keycard. */
function textsAtKeycard(
  { current, previous }: Rotation,
  expected: string,
  found: ReadonlyMap<string, WireCredential>,
): Text[] {
  return [current, previous].flatMap((one) => {
    const wire = one && found.get(one.id);
    return wire ? [{ name: baseName(wire.name, one.number, expected), description: wire.description }] : [];
  });
}

/** Returns how the resource adopts a credential: the number in its name is not a part of the name. */
function rotatingAdoptionTarget(inputs: Inputs, context: ProviderContext): AdoptionTarget<WireCredential> {
  const target = adoptionTarget(inputs, context);
  return {
    ...target,
    async retrieve(id) {
      const found = await target.retrieve(id);
      return found && { ...found, name: baseName(found.name, 1, inputs.name) };
    },
  };
}

/** The lifecycle of a credential that rotates. */
export const rotatingCredential: ResourceOperations<Inputs, State> = {
  inputRules: checkedRules,
  rules,
  outputs: [
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
  ],
  secrets: ["clientSecret", "previousClientSecret", "pendingClientSecret"],

  objectIds: (id, state) => idsOf(rotationOf(id, state as State)),

  check(news, organizationId) {
    const { inputs, failures } = checkInputs(checkedRules, news, organizationId);
    return { inputs, failures: failures.length > 0 ? failures : refuseLongOverlap(inputs) };
  },

  async validateRemote(inputs, { exists, isPreview }, context) {
    // With `--continue-on-error`, an input may be missing.
    const isIncomplete = missingInputs(checkedRules, inputs).length > 0 || isUnknown(inputs.serviceAccountId);
    if (exists || !isPreview || isIncomplete) return [];
    return previewAdoption(inputs, rotatingAdoptionTarget(inputs, context), context);
  },

  async diff(id, olds, given, context) {
    const news = completed(given, olds);
    const rotation = rotationOf(id, olds);
    context.registry.markRotating(id);
    const changed = changedInputs(rules, olds, news).filter(
      (property) => property !== "rotateWhenChanged" || isTriggerComplete(news),
    );
    const replaces: string[] = changed.filter((property) => property === "serviceAccountId");
    const find = () => retrieveAccount(news, context);
    if (replaces.length === 0 && (await isInAnotherOrganization(olds, news, find)))
      replaces.push("organizationId");
    if (replaces.length > 0) return { changes: true, replaces };
    const isConverted = !isRotationState(olds);
    const isUnfinished = isConverted || isIncomplete(id, olds, context);
    // A rotation or revocation that is due is not drift.
    const due = context.refreshes.isRefresh(id, news)
      ? []
      : await previewRotation(rotation, olds, news, context);
    const times = ["rotateAfter", "keepPreviousFor"].some((property) => changed.includes(property));
    const affected = [...(isUnfinished ? ROTATED : due), ...(times ? TIMES : [])];
    return { changes: changed.length > 0 || isUnfinished || due.length > 0, replaces, affected };
  },

  async create(inputs, context) {
    requireInputs(checkedRules, inputs);
    const id = `${ROTATING_ID_PREFIX}${randomUUID()}`;
    const found = await findAdopted(inputs, rotatingAdoptionTarget(inputs, context), context);
    if (!found) return { id, outs: await new Rotator(id, inputs, { ...NO_ROTATION }, inputs, context).run() };
    const { id: credentialId, client_id: clientId, created_at: rotatedAt, name, description } = found;
    const current = { number: 1, id: credentialId, clientId, clientSecret: inputs.clientSecret };
    const rotation = { ...NO_ROTATION, count: 1, rotatedAt, current };
    const olds = { ...inputs, name, description };
    return { id, outs: await new Rotator(id, olds, rotation, inputs, context).adopt() };
  },

  async read(id, state, context) {
    const { serviceAccountId, name } = state;
    if (serviceAccountId === undefined || name === undefined)
      throw new ResourceError(
        "A RotatingCredential exists only in Pulumi's state, not at Keycard, so Pulumi can neither read nor import one by its ID. Declare it in the program, without the options id and import.",
      );
    const inputs = { ...(state as State), organizationId: organizationOf(state, context), serviceAccountId };
    const rotation = rotationOf(id, inputs);
    const ids = idsOf(rotation);
    const results = await Promise.all(ids.map((one) => retrieveCredential(one, inputs, context)));
    const found = new Map(results.flatMap((one) => (one ? [[one.id, one]] : [])));
    if (found.size === 0 && !rotation.lost) return requirePreviouslyExisting(id, id);
    const existing = onlyExisting(rotation, (one) => found.has(one));
    const [text, other = text] = textsAtKeycard(existing, inputs.name, found);
    return toState({ ...inputs, ...text }, { ...existing, isUneven: !isDeepStrictEqual(text, other) });
  },

  update(id, olds, given, context) {
    return new Rotator(id, olds, rotationOf(id, olds), completed(given, olds), context).run();
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
    const all = [rotation.current, rotation.previous, rotation.pending, ...rotation.superseded];
    await Promise.all(
      all.map(async (one) => {
        // Another resource may have adopted it in this update.
        if (one === undefined || context.adoption.isAdopted(one.id)) return;
        if (!isOwn(one, context)) return revokeCredential(one.id, state, context);
        context.logInfo(
          `Client ID ${one.clientId} is not revoked: ${SIGNS_IN}. Configure another credential for Pulumi first; then delete the credential ${one.id} at Keycard.`,
        );
      }),
    );
  },
};
