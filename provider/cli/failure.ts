import {
  APIConnectionError,
  APIError,
  AuthenticationError,
  ConfigurationError,
  PermissionDeniedError,
  RateLimitError,
} from "../../sdk";
import { ResourceError, SETTINGS_IN_USE } from "../errors";
import { printable } from "../text";
import { PulumiError } from "./pulumi";

/** Exit codes, equal to those of the Pulumi CLI. */
export const EXIT = {
  success: 0,
  error: 1,
  /** Wrong usage, or an unusable state or setting. */
  configuration: 2,
  authentication: 3,
  drift: 7,
} as const;

/** Exit code of the Pulumi CLI. */
const NO_SUCH_STACK = 6;

/** Prints an error on standard error, and sets the exit code. */
export function fail(error: unknown): void {
  process.exitCode = exitCode(error);
  const { message } = error as Error;
  const [, hint] = HINTS.find(([kind]) => error instanceof kind) ?? [];
  // That hint is about `pulumi refresh` and `pulumi destroy`.
  const lines = [...message.split("\n").filter((line) => line !== SETTINGS_IN_USE), ...(hint ? [hint] : [])];
  process.stderr.write(`error: ${lines.map(printable).join("\n")}\n`);
}

function exitCode(error: unknown): number {
  if (error instanceof AuthenticationError || error instanceof PermissionDeniedError)
    return EXIT.authentication;
  if (error instanceof APIError) return EXIT.error;
  if (error instanceof ResourceError || error instanceof ConfigurationError) return EXIT.configuration;
  if (!(error instanceof PulumiError)) return EXIT.error;
  if (error.exitCode === NO_SUCH_STACK) return EXIT.configuration;
  const passedOn: number[] = [EXIT.configuration, EXIT.authentication];
  return passedOn.includes(error.exitCode) ? error.exitCode : EXIT.error;
}

const HINTS = [
  [
    AuthenticationError,
    "The credential may have been revoked. Check keycard:clientId and keycard:clientSecret of the stack, or KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment; with --state, only the environment is used.",
  ],
  [
    PermissionDeniedError,
    "The credential lacks the permission to read. Grant it at Keycard, or sign in with another credential.",
  ],
  [RateLimitError, "Keycard kept rejecting calls because of its rate limit. Run the command again later."],
  [APIConnectionError, "Check the network and keycard:endpoint (or KEYCARD_ENDPOINT in the environment)."],
] as const;
