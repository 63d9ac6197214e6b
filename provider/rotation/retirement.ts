/** Decides whether the previous credential is revoked when its time is over. */
import { retrieveCredential } from "../resources/credentials";
import type { ProviderContext } from "../session/context";
import { recentUse } from "./durations";
import { durationsOf, retirementTime } from "./state";
import type { Generation, Rotation, RotationInputs } from "./state";

/** What happens to the previous credential. */
export interface Retirement {
  readonly kind: "not due" | "kept" | "revoked";
  /** Completes a sentence about the credential. */
  readonly note: string;
}

export const SIGNS_IN = "Pulumi signs in with it";

/** Returns true for the credential that Pulumi itself signs in with: revoking it would lock Pulumi out. */
export function isOwn({ clientId }: Pick<Generation, "clientId">, { client }: ProviderContext): boolean {
  return clientId === client.clientID;
}

/**
 * Decides about the previous credential. Once its time is over, reads when it was last used: as long as somebody uses it, it is kept, but
 * for `keepPreviousFor` at most, and not after a rotation on demand.
 *
 * @param now the server's time, in milliseconds since 1970; if it is unknown, the credential is kept
 */
export async function decideRetirement(
  rotation: Rotation,
  inputs: RotationInputs,
  now: number | undefined,
  context: ProviderContext,
): Promise<Retirement> {
  const { previous, isOnDemand } = rotation;
  const due = retirementTime(rotation, inputs);
  if (previous === undefined || now === undefined || !(now >= due)) return { kind: "not due", note: "" };
  if (isOwn(previous, context)) return { kind: "kept", note: SIGNS_IN };
  const found = await retrieveCredential(previous.id, inputs, context);
  const lastUse = found?.last_used_at;
  if (!found)
    return { kind: "revoked", note: "it was already deleted at Keycard, so only the state changes" };
  if (lastUse === undefined) return { kind: "revoked", note: "it has never been used" };
  const { overlap } = durationsOf(inputs);
  const note = `it was last used at ${lastUse}`;
  if (now - Date.parse(lastUse) > recentUse(overlap)) return { kind: "revoked", note };
  const end = due + overlap;
  if (isOnDemand || now >= end)
    return { kind: "revoked", note: `${note}, and whatever still uses it will no longer be able to sign in` };
  const limit = new Date(end).toISOString();
  return {
    kind: "kept",
    note: `${note}. Give whatever uses it the new client ID and secret: the first \`pulumi up\` after ${limit} revokes it even if it is still in use`,
  };
}
