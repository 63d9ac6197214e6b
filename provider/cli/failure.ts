import {
  APIConnectionError,
  APIError,
  AuthenticationError,
  ConfigurationError,
  PermissionDeniedError,
  RateLimitError,
} from "../../sdk";
import { ResourceError, SETTINGS_IN_USE } from "../errors";
import { escapeInvisible } from "../text";
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

/** Prints an error on standard error, and sets the exit code. */
export function fail(error: unknown): void {
  const [, code, hint] = FAILURES.find(([kind]) => error instanceof kind) ?? [];
  process.exitCode = code ?? (error instanceof PulumiError ? ofPulumi(error) : EXIT.error);
  // That hint is about `pulumi refresh` and `pulumi destroy`.
  const lines = (error as Error).message.split("\n").filter((line) => line !== SETTINGS_IN_USE);
  process.stderr.write(`error: ${[...lines, ...(hint ? [hint] : [])].map(escapeInvisible).join("\n")}\n`);
}

/** Passes on the exit codes of the Pulumi CLI that have the same meaning here. */
function ofPulumi({ exitCode }: PulumiError): number {
  const noSuchStack = 6;
  if (exitCode === noSuchStack) return EXIT.configuration;
  return exitCode === EXIT.configuration || exitCode === EXIT.authentication ? exitCode : EXIT.error;
}

/** Exit codes and hints, subclasses first. */
const FAILURES: readonly [kind: new (...args: never[]) => Error, code: number, hint?: string][] = [
  [
    AuthenticationError,
    EXIT.authentication,
    "Check keycard:clientId and keycard:clientSecret in the stack's configuration, or KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: the credential may have been revoked. With --state, the command uses only the environment.",
  ],
  [
    PermissionDeniedError,
    EXIT.authentication,
    "The credential that this command signs in with lacks the permission to list or retrieve. Grant it at Keycard, or sign in with another credential.",
  ],
  [
    RateLimitError,
    EXIT.error,
    "Keycard kept rejecting calls because of its rate limit. Run the command again later.",
  ],
  [
    APIConnectionError,
    EXIT.error,
    "Check the network and keycard:endpoint (or KEYCARD_ENDPOINT in the environment).",
  ],
  [APIError, EXIT.error],
  [ResourceError, EXIT.configuration],
  [ConfigurationError, EXIT.configuration],
];
