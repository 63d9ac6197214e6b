import {
  APIConnectionError,
  APIError,
  AuthenticationError,
  ConfigurationError,
  PermissionDeniedError,
  RateLimitError,
  SignInError,
} from "../../sdk";
import { isAboutCredentials } from "../../sdk/internal";
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

/**
 * Prints an error on standard error, and sets the exit code.
 *
 * @param isConfigured whether the command reads the settings of a stack's configuration, beside those of the environment
 */
export function fail(error: unknown, isConfigured = false): void {
  const [, code, hint] = FAILURES.find(([kind]) => error instanceof kind) ?? [];
  process.exitCode = code ?? (error instanceof PulumiError ? ofPulumi(error) : EXIT.error);
  // That hint is about other commands.
  const lines = (error as Error).message.split("\n").filter((line) => line !== SETTINGS_IN_USE);
  const isWrongEndpoint = error instanceof SignInError && !isAboutCredentials(error.status);
  const fitting = isWrongEndpoint ? checkEndpoint : hint;
  const advice = typeof fitting === "function" ? fitting(isConfigured) : fitting;
  process.stderr.write(`error: ${[...lines, ...(advice ? [advice] : [])].map(escapeInvisible).join("\n")}\n`);
}

/** Passes on the exit codes of the Pulumi CLI that have the same meaning here. */
function ofPulumi({ exitCode }: PulumiError): number {
  const noSuchStack = 6;
  if (exitCode === noSuchStack) return EXIT.configuration;
  return exitCode === EXIT.configuration || exitCode === EXIT.authentication ? exitCode : EXIT.error;
}

/** A hint may depend on whether the settings of a stack's configuration apply. */
type Hint = string | ((isConfigured: boolean) => string);

const checkEndpoint: Hint = (isConfigured) =>
  `Check ${isConfigured ? "keycard:endpoint in the stack's configuration, or " : ""}KEYCARD_ENDPOINT in the environment: perhaps it is not the address of Keycard's API.`;

/** Exit codes and hints, subclasses first. */
const FAILURES: readonly [kind: new (...args: never[]) => Error, code: number, hint?: Hint][] = [
  [
    AuthenticationError,
    EXIT.authentication,
    (isConfigured) =>
      `Check ${isConfigured ? "keycard:clientId and keycard:clientSecret in the stack's configuration, or " : ""}KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment: the credential or token may be wrong, revoked or expired.`,
  ],
  [
    PermissionDeniedError,
    EXIT.authentication,
    "The credential that this command signs in with lacks a permission to list or retrieve accounts or credentials. Grant it at Keycard, or sign in with another credential.",
  ],
  [RateLimitError, EXIT.error, "Keycard's rate limit was exceeded. Run the command again later."],
  [
    APIConnectionError,
    EXIT.error,
    (isConfigured) =>
      `Check the network and ${isConfigured ? "keycard:endpoint in the stack's configuration, or " : ""}KEYCARD_ENDPOINT in the environment.`,
  ],
  [APIError, EXIT.error],
  [ResourceError, EXIT.configuration],
  [ConfigurationError, EXIT.configuration],
];
