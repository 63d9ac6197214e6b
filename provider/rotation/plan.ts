/** What the next `up` does with a `RotatingCredential`, and what the user is told about it. */
import { isDeepStrictEqual } from "node:util";
import { formatDuration, tolerance } from "./durations";
import { isTriggerComplete, isUnknown } from "../resources/inputs";
import { durationsOf, retirementTime } from "./state";
import type { Rotation, RotationInputs } from "./state";

/** Why a credential rotates. */
export interface RotationReason {
  readonly reason: string;
  /** Requested with `rotateWhenChanged`. */
  readonly isOnDemand: boolean;
  /** Only `up` knows the value that decides. */
  readonly isUncertain: boolean;
}

/**
 * Returns why the credential rotates; `undefined` if it does not.
 *
 * @param olds the inputs in the state
 * @param now the server's time, in milliseconds since 1970; if it is unknown, nothing rotates by age
 */
export function rotationReason(
  rotation: Rotation,
  olds: RotationInputs,
  news: RotationInputs,
  now: number | undefined,
): RotationReason | undefined {
  const automatic = (reason: string) => ({ reason, isOnDemand: false, isUncertain: false });
  const { current, pending } = rotation;
  const onDemand = triggered(olds, news);
  if (pending)
    return { ...automatic("the last rotation was not completed"), isOnDemand: onDemand !== undefined };
  if (current === undefined) return automatic("Keycard has no current credential for it");
  if (current.clientSecret === undefined) return automatic("its client secret is not known");
  return onDemand ?? aged(rotation, news, now);
}

function triggered(olds: RotationInputs, news: RotationInputs): RotationReason | undefined {
  const [before, after] = [olds.rotateWhenChanged, news.rotateWhenChanged];
  if (!before || !after || !isTriggerComplete(news)) return undefined;
  if (isUnknown(after))
    return { reason: "`rotateWhenChanged` may change", isOnDemand: true, isUncertain: true };
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !isDeepStrictEqual(before[key], after[key]),
  );
  if (changed.length === 0) return undefined;
  const isUncertain = changed.every((key) => isUnknown(after[key]));
  const keys = changed.map((key) => `\`rotateWhenChanged.${key}\``).join(" and ");
  return { reason: `${keys} ${isUncertain ? "may change" : "changed"}`, isOnDemand: true, isUncertain };
}

function aged(
  rotation: Rotation,
  inputs: RotationInputs,
  now: number | undefined,
): RotationReason | undefined {
  const { rotatedAt, previous } = rotation;
  const { rotateAfter } = durationsOf(inputs);
  if (rotateAfter === undefined || now === undefined || rotatedAt === undefined) return undefined;
  const age = now - Date.parse(rotatedAt);
  // A rotation ends the time of the previous credential, so it is early only if that is over.
  const isOverlapping = previous !== undefined && now < retirementTime(rotation, inputs);
  if (age < rotateAfter - (isOverlapping ? 0 : tolerance(rotateAfter))) return undefined;
  const reason = `it is ${formatDuration(Math.max(age, 0))} old, and \`rotateAfter\` is ${inputs.rotateAfter}`;
  return { reason, isOnDemand: false, isUncertain: false };
}
