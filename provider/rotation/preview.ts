/** Tells the user what the next `up` does with a `RotatingCredential`, and why. */
import { quoted } from "../resources/formatList";
import { isUnknown } from "../resources/inputs";
import type { ProviderContext } from "../session/context";
import { rotationReason } from "./plan";
import { decideRetirement, isOwn, SIGNS_IN } from "./retirement";
import { serverTime } from "./serverTime";
import { durationsOf, isTimed, retirementTime } from "./state";
import type { Rotation, RotationInputs } from "./state";

/** The outputs that depend on the durations. */
export const TIMES = ["nextRotationAt", "previousRetiresAt"];

/** The outputs that a revocation of the previous credential changes. */
const RETIRED = ["previousClientId", "previousClientSecret", "previousRetiresAt", "credentialIds"];

/** The outputs that a rotation changes. */
export const ROTATED = [...RETIRED, "clientId", "clientSecret", "rotatedAt", "nextRotationAt"];

/** Shows what is due, and returns the outputs that it changes; none if nothing is due. Changes nothing. */
export async function previewRotation(
  rotation: Rotation,
  olds: RotationInputs,
  given: RotationInputs,
  context: ProviderContext,
): Promise<readonly string[]> {
  const news = withKnownDurations(given, olds);
  const log = (text: string) => context.logInfo(`The credential ${quoted(olds.name)} ${text}.`);
  const isDependentOnTime = isTimed(news, rotation);
  const now = isDependentOnTime ? await serverTime(context, olds.organizationId) : undefined;
  if (isDependentOnTime && now === undefined) context.logInfo(NO_TIME);
  const { previous, superseded, lost } = rotation;
  if (lost)
    log(
      "is affected by a lost response to a create request: `pulumi up` searches for the credential that the request may have created, and revokes it",
    );
  for (const one of superseded.filter((one) => isOwn(one, context)))
    log(`keeps its earlier client ID ${one.clientId}: ${SIGNS_IN}`);

  const reason = rotationReason(rotation, olds, news, now);
  if (reason) {
    const verb = reason.isUncertain ? "may rotate" : "rotates";
    const [first, ...rest] = consequences(rotation, news, now, context);
    const effects = first === undefined ? [] : [reason.isUncertain ? `If it does: ${first}` : first, ...rest];
    log([`${verb}, because ${reason.reason}`, ...effects].join(". "));
    return ROTATED;
  }
  if (!previous) return [];
  const { kind, note } = await decideRetirement(rotation, news, now, context);
  if (kind === "kept") log(`keeps its previous client ID ${previous.clientId}: ${note}`);
  if (kind === "revoked") log(`revokes its previous client ID ${previous.clientId}: ${note}`);
  return kind === "revoked" ? RETIRED : [];
}

const NO_TIME =
  "Keycard's responses have no `Date` header, so Pulumi does not know the server's time: no credential rotates because of its age, and none is revoked because its time is up.";

/** A duration that is known only in the `up` counts as unchanged. */
function withKnownDurations(news: RotationInputs, olds: RotationInputs): RotationInputs {
  const known = { ...news };
  for (const key of ["rotateAfter", "keepPreviousFor"] as const)
    if (isUnknown(news[key])) known[key] = olds[key];
  return known;
}

/** Returns what becomes of the credentials that exist, a sentence each without its full stop. */
function consequences(
  rotation: Rotation,
  news: RotationInputs,
  now: number | undefined,
  context: ProviderContext,
): string[] {
  const { current, previous } = rotation;
  const { overlap } = durationsOf(news);
  const first = () => {
    if (!current) return [];
    const kept = now === undefined ? "for `keepPreviousFor`" : `until about ${timeText(now + overlap)}`;
    if (overlap > 0) return [`Client ID ${current.clientId} remains valid ${kept}`];
    const revoked = `is revoked at once, before whatever uses it gets the new secret, because \`keepPreviousFor\` is zero`;
    return [`Client ID ${current.clientId} ${isOwn(current, context) ? `is kept: ${SIGNS_IN}` : revoked}`];
  };
  const second = () => {
    if (!current || !previous) return [];
    const retiresAt = timeText(retirementTime(rotation, news));
    const revoked = `which was to remain valid until ${retiresAt}, is revoked`;
    return [
      `Client ID ${previous.clientId}${isOwn(previous, context) ? ` is kept: ${SIGNS_IN}` : `, ${revoked}`}`,
    ];
  };
  return [...first(), ...second()];
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
