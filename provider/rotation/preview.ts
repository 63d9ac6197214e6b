/** Tells the user what the next `up` does with a `RotatingCredential`, and why. */
import { quoted } from "../resources/formatList";
import { isUnknown } from "../resources/inputs";
import type { ProviderContext } from "../session/context";
import { retirementTime, rotationReason } from "./plan";
import { decideRetirement, isOwn, SIGNS_IN } from "./retirement";
import { serverTime } from "./serverTime";
import { durationsOf, isTimed } from "./state";
import type { Rotation, RotationInputs } from "./state";

/** Shows what is due, and returns true if anything is. Changes nothing. */
export async function previewRotation(
  rotation: Rotation,
  olds: RotationInputs,
  news: RotationInputs,
  context: ProviderContext,
): Promise<boolean> {
  const log = (text: string) => context.logInfo(`The credential ${quoted(olds.name)} ${text}.`);
  const isDependentOnTime = isTimed(news, rotation);
  const now = isDependentOnTime ? await serverTime(context, olds.organizationId) : undefined;
  if (isDependentOnTime && now === undefined) context.logInfo(NO_TIME);
  const { previous, superseded } = rotation;
  for (const one of superseded.filter((one) => isOwn(one, context)))
    log(`keeps its earlier client ID ${one.clientId}: ${SIGNS_IN}`);

  const reason = rotationReason(rotation, olds, news, now);
  if (reason) {
    const verb = reason.isUncertain ? "may rotate" : "rotates";
    log([`${verb}, because ${reason.reason}`, ...consequences(rotation, news, now)].join(". "));
    return true;
  }
  if (!previous) return false;
  const { kind, note } = await decideRetirement(rotation, news, now, context);
  if (kind === "kept") log(`keeps its previous client ID ${previous.clientId}: ${note}`);
  if (kind === "revoked") log(`revokes its previous client ID ${previous.clientId}: ${note}`);
  return kind === "revoked";
}

const NO_TIME =
  "Keycard's responses have no `Date` header, so Pulumi does not know the server's time: no credential rotates by its age, and none is revoked by time.";

/** Returns what becomes of the credentials that exist, a sentence each without its full stop. */
function consequences(rotation: Rotation, news: RotationInputs, now: number | undefined): string[] {
  const { current, previous } = rotation;
  if (!current) return [];
  const { overlap } = durationsOf(news);
  const isOverlapKnown = ![news.rotateAfter, news.keepPreviousFor].some(isUnknown);
  const until =
    now === undefined || !isOverlapKnown ? "for `keepPreviousFor`" : `until about ${timeText(now + overlap)}`;
  const first =
    overlap === 0 && isOverlapKnown
      ? `Client ID ${current.clientId} is revoked at once, before whatever uses it gets the new secret, because \`keepPreviousFor\` is zero`
      : `Client ID ${current.clientId} remains valid ${until}`;
  if (!previous) return [first];
  const retiresAt = timeText(retirementTime(rotation, news));
  return [first, `Client ID ${previous.clientId}, which was to remain valid until ${retiresAt}, is revoked`];
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
