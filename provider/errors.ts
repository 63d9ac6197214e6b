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
  const advice = adviceOn(error);
  return new ResourceError(advice === undefined ? error.message : `${error.message} ${advice}`, {
    cause: error,
  });
}

function adviceOn(error: KeycardError): string | undefined {
  if (error instanceof AuthenticationError)
    return "Check keycard:clientId and keycard:clientSecret (or keycard:apiKey), or the environment's KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET: the credential may have been revoked.";
  if (error instanceof PermissionDeniedError)
    return "The credential that Pulumi signs in with lacks a permission: grant it at Keycard, or use another credential.";
  if (error instanceof NotFoundError)
    return "If it was deleted behind Pulumi's back, `pulumi refresh` takes notice of that and the next `pulumi up` creates it again.";
  if (error instanceof RateLimitError)
    return "Run it again later, or with fewer at once: `pulumi up --parallel 4`.";
  if (error instanceof APIConnectionTimeoutError)
    return "To wait longer: `pulumi config set keycard:timeout <seconds>`.";
  if (error instanceof APIConnectionError)
    return "Check the network and keycard:endpoint (or the environment's KEYCARD_ENDPOINT).";
  if (error instanceof MalformedAnswerError)
    return "Check that keycard:endpoint (or the environment's KEYCARD_ENDPOINT) is Keycard's API.";
  return undefined;
}
