import {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  KeycardError,
  MalformedAnswerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "../sdk";

/** What went wrong with a resource, and what to do. Pulumi prints it beside the resource's name. */
export class ResourceError extends Error {
  override readonly name: string = "ResourceError";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    // Pulumi's host prints the stack of some errors beside the message. To the person who reads it, it says nothing.
    this.stack = "";
  }
}

/**
 * The resource exists, but the step failed. Pulumi keeps a resource whose error carries `id`, `properties` and
 * `reasons`, secrets encrypted, and the next `up` goes on with an update; any other error would lose it.
 */
export class InitializationError extends ResourceError {
  override readonly name = "InitializationError";
  readonly reasons: string[];

  constructor(
    readonly id: string,
    readonly properties: object,
    reason: Error,
  ) {
    super(reason.message, { cause: reason });
    this.reasons = [reason.message];
    // Pulumi reads both by name; neither may show up where an error is printed, as the properties may hold a secret.
    Object.defineProperty(this, "properties", { enumerable: false });
  }
}

/** Tells an error of the API as one of the resource, with what the person at Pulumi can do about it. */
export function withAdvice(error: unknown): unknown {
  if (!(error instanceof KeycardError)) return error;
  const [, advice] = ADVICE.find(([kind]) => error instanceof kind) ?? [];
  return new ResourceError(advice === undefined ? error.message : `${error.message}\n${advice}`, {
    cause: error,
  });
}

const ADVICE = [
  [
    AuthenticationError,
    "Check keycard:clientId and keycard:clientSecret (or keycard:apiKey), or KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: the credential may have been revoked. " +
      "A refresh and a destroy sign in as configured at the last up; to use what was configured since, add --run-program.",
  ],
  [
    PermissionDeniedError,
    "The credential that Pulumi signs in with lacks a permission: grant it at Keycard, or use another credential.",
  ],
  [
    NotFoundError,
    "If it was deleted behind Pulumi's back, `pulumi refresh` takes notice of that and the next `pulumi up` creates it again.",
  ],
  [RateLimitError, "Run it again later, or with fewer at once: `pulumi up --parallel 4`."],
  [APIConnectionTimeoutError, "To wait longer: `pulumi config set keycard:timeout <seconds>`."],
  [APIConnectionError, "Check the network and keycard:endpoint (or KEYCARD_ENDPOINT in the environment)."],
  [
    MalformedAnswerError,
    "Check that keycard:endpoint (or KEYCARD_ENDPOINT in the environment) is Keycard's API.",
  ],
] as const;
