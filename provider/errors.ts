import {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  KeycardError,
  MalformedResponseError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "../sdk";
import { isOutcomeUnknown } from "../sdk/internal";

/** What went wrong with a resource, and what to do. Pulumi prints it beside the resource's name. */
export class ResourceError extends Error {
  override readonly name: string = "ResourceError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // Pulumi's host prints `${error}: ${error.stack}` for some errors. Where in our code it was thrown says nothing to the
    // person who reads it.
    this.stack = message;
  }

  override toString(): string {
    return "pulumi-keycard";
  }
}

/**
 * The step failed, but there is something that the state must know of. Pulumi keeps a resource whose error carries `id`, `properties` and
 * `reasons`, secrets encrypted, and the next `up` goes on with an update; any other error would lose it.
 */
export class InitializationError extends ResourceError {
  override readonly name = "InitializationError";
  readonly reasons: string[];
  /** Private, because it may hold a secret, and errors get printed with all that they show. */
  readonly #properties: object;

  constructor(
    readonly id: string,
    properties: object,
    told: string,
    options?: ErrorOptions,
  ) {
    super(told, options);
    this.#properties = properties;
    this.reasons = [told];
  }

  /** What is known of the resource; Pulumi takes it into the state. */
  get properties(): object {
    return this.#properties;
  }
}

/**
 * Changes a resource. Where Keycard may have done it although the call failed, the state takes it for done, and notes that it has to
 * be done again: otherwise, were the program changed back, nobody would see a difference.
 */
export async function changing<Answer>(
  id: string,
  olds: { description?: string },
  { name, description }: { name: string; description?: string },
  change: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await change();
  } catch (error) {
    if (!isOutcomeUnknown(error)) throw error;
    // A description that was to be taken away may still be there.
    const there = description || olds.description;
    const assumed = { ...olds, name, ...(there ? { description: there } : {}) };
    const told = `${error.message}\nKeycard may have changed it all the same; the next \`pulumi up\` makes it what the program says.`;
    throw new InitializationError(id, assumed, told, { cause: error });
  }
}

/**
 * Tells an error of the API as one of the resource, with what the person at Pulumi can do about it.
 * @param creating there was no resource yet, so that what was not found is what it was to be made in
 */
export function withAdvice(error: unknown, creating = false): unknown {
  if (!(error instanceof KeycardError)) return error;
  const [, advice = error.hint] = ADVICE.find(([kind]) => error instanceof kind) ?? [];
  const fitting = creating && error instanceof NotFoundError ? WRONG_PLACE : advice;
  return new ResourceError(fitting === undefined ? error.message : `${error.message}\n${fitting}`, {
    cause: error,
  });
}

const WRONG_PLACE =
  "Check organizationId, and for a credential serviceAccountId: Keycard has nothing of that name, or hides it from the credential that Pulumi signs in with.";

/** Pulumi's engine keeps the configuration in its state, from where these two take it. */
export const SETTINGS_IN_USE =
  "A refresh and a destroy use the settings of the last up, even of one that failed; to use what was configured since, add --run-program.";

const ADVICE = [
  [
    AuthenticationError,
    "Check keycard:clientId and keycard:clientSecret (or keycard:apiKey), or KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: the credential may have been revoked. " +
      SETTINGS_IN_USE,
  ],
  [
    PermissionDeniedError,
    "The credential that Pulumi signs in with lacks a permission: grant it at Keycard, or use another credential.",
  ],
  [
    NotFoundError,
    "If it was deleted behind Pulumi's back, `pulumi refresh` takes notice of that and the next `pulumi up` creates it again.",
  ],
  [
    RateLimitError,
    "Keycard went on refusing calls, or asks for a wait of more than a minute. Run it again later; if it happens often, with " +
      "fewer calls at once: `pulumi config set keycard:maxConcurrency 4`.",
  ],
  [APIConnectionTimeoutError, "To wait longer: `pulumi config set keycard:timeout <seconds>`."],
  [
    APIConnectionError,
    `Check the network and keycard:endpoint (or KEYCARD_ENDPOINT in the environment). ${SETTINGS_IN_USE}`,
  ],
  [
    MalformedResponseError,
    "Check that keycard:endpoint (or KEYCARD_ENDPOINT in the environment) is Keycard's API.",
  ],
] as const;
