import {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  KeycardError,
  MalformedResponseError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  SignInError,
} from "../sdk";
import { isAboutCredentials, isNotFound, isOutcomeUnknown } from "../sdk/internal";

/** An operation on a resource failed. The message says what happened and what to do; Pulumi prints it beside the resource's name. */
export class ResourceError extends Error {
  override readonly name: string = "ResourceError";

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    // Pulumi's host prints `${error}: ${error.stack}` for some errors; a stack trace through this package helps no user.
    this.stack = message;
  }

  override toString(): string {
    return "pulumi-keycard";
  }
}

/** A setting of the provider is missing, malformed or rejected, so no resource can be managed. */
export class SettingsError extends ResourceError {
  override readonly name = "SettingsError";
}

/**
 * An operation failed, but the state must keep its resource. Pulumi keeps a resource whose error carries `id`, `properties` and
 * `reasons`, with its secrets encrypted, and the next `up` updates it; after any other error Pulumi forgets it.
 */
export class InitializationError extends ResourceError {
  override readonly name = "InitializationError";
  readonly reasons: string[];
  /** Private, because it may hold a secret, and printed errors show all public fields. */
  readonly #properties: object;

  constructor(
    readonly id: string,
    properties: object,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.#properties = properties;
    this.reasons = [message];
  }

  /** The known properties of the resource, which Pulumi writes into the state. */
  get properties(): object {
    return this.#properties;
  }
}

/**
 * Updates a resource. If the call fails and Keycard may have executed it, the state assumes that it did, and requires another update:
 * otherwise, if the program were changed back, Pulumi would see no difference.
 *
 * @throws {InitializationError} if the outcome is unknown
 */
export async function updateOrMarkUncertain<Response>(
  id: string,
  olds: { description?: string },
  { name, description }: { name: string; description?: string },
  update: () => Promise<Response>,
): Promise<Response> {
  try {
    return await update();
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    // The description may still exist if the update was to clear it.
    const assumedDescription = description || olds.description;
    const assumed = { ...olds, name, ...(assumedDescription ? { description: assumedDescription } : {}) };
    const message = `${error.message}\nKeycard may have applied the update anyway. Run \`pulumi up\` again: it repeats the update.`;
    throw new InitializationError(id, assumed, message, { cause: error });
  }
}

/**
 * Returns an error of the API as one of the resource, with advice for a user of Pulumi; any other error unchanged.
 *
 * @param isCreate the resource did not exist yet, so a 404 is about the place where it was to be created
 */
export function withAdvice(error: unknown, isCreate = false): unknown {
  if (!(error instanceof KeycardError)) return error;
  const [, advice = error.hint] = ADVICE.find(([kind]) => error instanceof kind) ?? [];
  const fitting =
    error instanceof NotFoundError
      ? adviceFor404(error, isCreate)
      : error instanceof SignInError && !isAboutCredentials(error.status)
        ? NOT_KEYCARD
        : advice;
  return new ResourceError([error.message, fitting].filter(Boolean).join("\n"), { cause: error });
}

function adviceFor404(error: NotFoundError, isCreate: boolean): string {
  if (!isNotFound(error)) return NOT_KEYCARD;
  return isCreate
    ? "Check organizationId and, for a credential, serviceAccountId: Keycard did not find the organization or the account, or the credential that Pulumi signs in with cannot access it. " +
        "If the account was deleted outside of Pulumi, run `pulumi refresh`; the next `pulumi up` creates it again."
    : "If the object was deleted outside of Pulumi, run `pulumi refresh`; the next `pulumi up` creates it again.";
}

const NOT_KEYCARD =
  "The response is not Keycard's. Check that keycard:endpoint (or KEYCARD_ENDPOINT in the environment) is Keycard's API, and that no proxy intercepts it.";

/** Pulumi's engine keeps the configuration in its state, and these operations read it from there. */
export const SETTINGS_IN_USE =
  "`pulumi refresh`, `pulumi up --refresh` and `pulumi destroy` use the settings of the last `pulumi up`, even of a failed one. To use the current settings, add --run-program.";

const ADVICE = [
  [
    AuthenticationError,
    "Check keycard:clientId and keycard:clientSecret (or keycard:apiKey), or KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: the credential or token may be wrong, revoked or expired. " +
      SETTINGS_IN_USE,
  ],
  [
    PermissionDeniedError,
    "The credential that Pulumi signs in with lacks a permission. Grant it at Keycard, or use another credential.",
  ],
  [
    RateLimitError,
    "Keycard's rate limit was exceeded. Run the command again later. If this happens often, allow fewer " +
      "concurrent calls: `pulumi config set keycard:maxConcurrency 4`.",
  ],
  [
    APIConnectionTimeoutError,
    "To allow more time for each attempt, run `pulumi config set keycard:timeout <seconds>`.",
  ],
  [
    APIConnectionError,
    `Check the network and keycard:endpoint (or KEYCARD_ENDPOINT in the environment). ${SETTINGS_IN_USE}`,
  ],
  [MalformedResponseError, NOT_KEYCARD],
] as const;
