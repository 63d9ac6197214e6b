/** What the state knows about the credentials of a `RotatingCredential`, and the outputs that hold it. */
import type { PendingVerification } from "../create/pendingVerification";
import type { CredentialPlace } from "../resources/credentials";
import { createParams } from "../resources/inputs";
import { defaultOverlap, parseDuration } from "./durations";

/** A name and a description. */
export interface Text {
  name: string;
  description?: string | undefined;
}

/** The inputs that the state holds, too. */
export interface RotationInputs extends CredentialPlace, Text {
  rotateAfter?: string | undefined;
  keepPreviousFor?: string | undefined;
  rotateWhenChanged?: Record<string, string> | undefined;
}

/** The outputs. All are at the top level, since Pulumi encrypts only complete outputs. */
export interface RotationState extends RotationInputs {
  /** The IDs of all credentials that Keycard may have for this resource. */
  credentialIds: string[];
  /** The number of the last credential that became current. */
  generation: number;
  /** When it became current; RFC 3339, UTC. */
  rotatedAt?: string;
  nextRotationAt?: string;
  /** The last rotation was requested with `rotateWhenChanged`. */
  rotatedOnDemand?: true;
  credentialId?: string;
  clientId?: string;
  clientSecret?: string;
  previousGeneration?: number;
  previousCredentialId?: string;
  previousClientId?: string;
  previousClientSecret?: string;
  previousRetiresAt?: string;
  pendingCredentialId?: string;
  pendingClientId?: string;
  pendingClientSecret?: string;
  pendingCreatedAt?: string;
  supersededCredentials?: Superseded[];
  pendingVerification?: LostCreate;
  /** The credentials may differ in name or description. */
  isUneven?: true;
}

/** The state of a `ServiceAccountCredential`, which becomes a `RotatingCredential` with the option `aliases`. */
export type ConvertibleState = RotationInputs & {
  generation?: undefined;
  clientId?: string;
  clientSecret?: string;
  createdAt?: string;
  pendingVerification?: PendingVerification;
};

/** One of the credentials. `number` counts from 1. */
export interface Generation {
  readonly number: number;
  readonly id: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** A credential that is to be revoked. */
export interface Superseded {
  readonly id: string;
  readonly clientId: string;
}

/** A create whose result is unknown. Its name is that of the next generation. */
interface LostCreate extends PendingVerification {
  /** It has no number in its name, since it was to become a `ServiceAccountCredential`. */
  unnumbered?: true;
}

/** The credentials of a `RotatingCredential`. Operations change it step by step, so that it is right whenever one of them fails. */
export interface Rotation {
  /** The number of the last credential that became current. */
  count: number;
  rotatedAt: string | undefined;
  /** When the previous one was to be revoked, as the state has it. */
  retiresAt: string | undefined;
  isOnDemand: boolean;
  current: Generation | undefined;
  previous: Generation | undefined;
  /** Created, and not yet verified by a sign-in. */
  pending: (Generation & { readonly createdAt: string }) | undefined;
  lost: LostCreate | undefined;
  superseded: readonly Superseded[];
  /** The credentials may differ in name or description, since a renaming failed half-way, or somebody else renamed one. */
  isUneven: boolean;
}

/** Returns false for the state of a `ServiceAccountCredential`. */
export function isRotationState(state: object): state is RotationState {
  return "generation" in state;
}

/** Reads the outputs; a `ServiceAccountCredential` counts as the first generation. */
export function rotationOf(id: string, state: Partial<RotationState> | ConvertibleState): Rotation {
  if (!isRotationState(state)) return convert(id, state as ConvertibleState);
  const generation = (
    number: number,
    [credentialId, clientId, clientSecret]: (string | undefined)[],
  ): Generation | undefined =>
    credentialId === undefined || clientId === undefined
      ? undefined
      : { number, id: credentialId, clientId, clientSecret };
  const { generation: count, previousGeneration = count - 1, pendingCreatedAt = "" } = state;
  const pending = [state.pendingCredentialId, state.pendingClientId, state.pendingClientSecret];
  const previous = [state.previousCredentialId, state.previousClientId, state.previousClientSecret];
  const unverified = generation(count + 1, pending);
  return {
    count,
    rotatedAt: state.rotatedAt,
    retiresAt: state.previousRetiresAt,
    isOnDemand: state.rotatedOnDemand ?? false,
    current: generation(count, [state.credentialId, state.clientId, state.clientSecret]),
    previous: generation(previousGeneration, previous),
    pending: unverified && { ...unverified, createdAt: pendingCreatedAt },
    lost: state.pendingVerification,
    superseded: state.supersededCredentials ?? [],
    isUneven: state.isUneven ?? false,
  };
}

export const NO_ROTATION: Rotation = {
  count: 0,
  rotatedAt: undefined,
  retiresAt: undefined,
  isOnDemand: false,
  current: undefined,
  previous: undefined,
  pending: undefined,
  lost: undefined,
  superseded: [],
  isUneven: false,
};

function convert(id: string, state: ConvertibleState): Rotation {
  const { clientId, clientSecret, createdAt, pendingVerification } = state;
  if (pendingVerification) return { ...NO_ROTATION, lost: { ...pendingVerification, unnumbered: true } };
  if (clientId === undefined) return { ...NO_ROTATION };
  return {
    ...NO_ROTATION,
    count: 1,
    rotatedAt: createdAt,
    current: { number: 1, id, clientId, clientSecret },
  };
}

/** Builds the outputs; every operation returns through it. */
export function toState(inputs: RotationInputs, rotation: Rotation): RotationState {
  const { count, rotatedAt, isOnDemand, current, previous, pending, lost, superseded, isUneven } = rotation;
  const { rotateAfter } = durationsOf(inputs);
  const { organizationId, serviceAccountId, name, description, keepPreviousFor, rotateWhenChanged } = inputs;
  return withoutUndefined({
    ...{ organizationId, serviceAccountId, name, description: description || undefined },
    ...{ rotateAfter: inputs.rotateAfter, keepPreviousFor, rotateWhenChanged },
    credentialIds: idsOf(rotation),
    generation: count,
    rotatedAt,
    nextRotationAt: timeAfter(rotatedAt, rotateAfter),
    rotatedOnDemand: isOnDemand || undefined,
    credentialId: current?.id,
    clientId: current?.clientId,
    clientSecret: current?.clientSecret,
    previousGeneration: previous?.number,
    previousCredentialId: previous?.id,
    previousClientId: previous?.clientId,
    previousClientSecret: previous?.clientSecret,
    previousRetiresAt: previous && timeText(retirementTime(rotation, inputs)),
    pendingCredentialId: pending?.id,
    pendingClientId: pending?.clientId,
    pendingClientSecret: pending?.clientSecret,
    pendingCreatedAt: pending?.createdAt,
    supersededCredentials: superseded.length > 0 ? superseded : undefined,
    pendingVerification: lost,
    isUneven: isUneven || undefined,
  }) as RotationState;
}

/** Returns the IDs of all credentials, the current one first. */
export function idsOf({ current, previous, pending, superseded }: Rotation): string[] {
  return [current, previous, pending, ...superseded].flatMap((one) => one?.id ?? []);
}

/** Returns the rotation without the credentials that Keycard does not have. */
export function onlyExisting(rotation: Rotation, exists: (id: string) => boolean): Rotation {
  const keep = <One extends { id: string }>(one: One | undefined) =>
    one && exists(one.id) ? one : undefined;
  const { current, previous, pending, superseded } = rotation;
  return {
    ...rotation,
    ...{ current: keep(current), previous: keep(previous), pending: keep(pending) },
    superseded: superseded.filter(({ id }) => exists(id)),
  };
}

/**
 * Returns the time until which the previous credential is kept, in milliseconds since 1970. It never becomes earlier because
 * `keepPreviousFor` is missing: with `--continue-on-error`, the resource that provides it may have failed.
 */
export function retirementTime({ rotatedAt, retiresAt }: Rotation, inputs: RotationInputs): number {
  const time = Date.parse(rotatedAt ?? "") + durationsOf(inputs).overlap;
  const recorded = inputs.keepPreviousFor === undefined ? Date.parse(retiresAt ?? "") : NaN;
  return recorded > time ? recorded : time;
}

/** Returns the durations in milliseconds, with their defaults; a value that a preview does not know counts as absent. */
export function durationsOf(inputs: Pick<RotationInputs, "rotateAfter" | "keepPreviousFor">): {
  rotateAfter: number | undefined;
  overlap: number;
} {
  const rotateAfter = parseDuration(inputs.rotateAfter ?? "");
  const overlap = parseDuration(inputs.keepPreviousFor ?? "") ?? defaultOverlap(rotateAfter);
  return { rotateAfter, overlap };
}

/** Returns true if the server's time decides about anything. */
export function isTimed({ rotateAfter }: RotationInputs, { previous }: Rotation): boolean {
  return rotateAfter !== undefined || previous !== undefined;
}

/** Returns the name at Keycard of the credential with this number. */
export function generationName(name: string, number: number): string {
  return `${name} (${number})`;
}

/** Returns name and description of the next generation, as the request that creates it sends them. */
export function nextText(
  { name, description }: Text,
  { count, lost }: Rotation,
): ReturnType<typeof createParams> {
  return createParams({ name: lost?.unnumbered ? name : generationName(name, count + 1), description });
}

/**
 * Returns the name as the program has it. The first generation has no number if it was converted, and its name may end in one.
 *
 * @param expected the name in the state, or in the program
 */
export function baseName(nameAtKeycard: string, number: number, expected: string): string {
  if (number === 1 && nameAtKeycard === expected) return expected;
  const suffix = ` (${number})`;
  return nameAtKeycard.endsWith(suffix) ? nameAtKeycard.slice(0, -suffix.length) : nameAtKeycard;
}

function timeAfter(time: string | undefined, milliseconds: number | undefined): string | undefined {
  return time === undefined || milliseconds === undefined
    ? undefined
    : timeText(Date.parse(time) + milliseconds);
}

function timeText(time: number): string | undefined {
  return Number.isFinite(time) ? new Date(time).toISOString() : undefined;
}

/** Pulumi's host fails on properties that are undefined. */
function withoutUndefined(properties: object): object {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
