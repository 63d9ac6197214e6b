/** Shows an error that has one cause for all resources once, and not again for each of a hundred resources. */
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  AuthenticationError,
  RateLimitError,
  SignInError,
} from "../../sdk";
import { InitializationError, ResourceError, SettingsError } from "../errors";
import { OrganizationNotFoundError } from "../resources/organization";

/** Errors whose cause is not the resource, with what the resource says in their place. */
const SHARED: readonly [kind: new (...args: never[]) => Error, summary: string][] = [
  [SettingsError, "The settings for Keycard (keycard:… or KEYCARD_…) are incomplete or invalid"],
  [OrganizationNotFoundError, "The organization was not found"],
  [SignInError, "Sign-in to Keycard failed"],
  [AuthenticationError, "Keycard rejected the access token"],
  [RateLimitError, "Keycard's rate limit was exceeded"],
  [APIConnectionError, "Keycard could not be reached"],
];

/**
 * Returns the error that a resource reports.
 *
 * @param error the error with advice; its cause, if any, is the API's
 * @param showOnce shows a message under the stack, unless it has shown it before
 */
export function forResource(error: unknown, showOnce: (key: string, message: string) => void): unknown {
  if (!(error instanceof ResourceError) || error instanceof InitializationError) return error;
  const origin = error.cause instanceof APIError ? error.cause : undefined;
  // A timeout may be the resource's own, and the effect of an unknown outcome is.
  if (origin instanceof APIConnectionTimeoutError || origin?.outcome === "unknown") return error;
  const [, summary] = SHARED.find(([kind]) => error instanceof kind || origin instanceof kind) ?? [];
  if (summary === undefined) return error;
  // Messages of calls differ by path and by request ID, even if their cause is the same.
  const call = error instanceof OrganizationNotFoundError ? undefined : origin;
  const code = call?.code ?? call?.status;
  const brief = code === undefined ? summary : `${summary} (${code})`;
  showOnce(call ? brief : error.message, error.message);
  return new ResourceError(`${brief}: see the message under pulumi:pulumi:Stack.`, { cause: error });
}
