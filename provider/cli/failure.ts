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
import { PulumiError } from "./openStacks";

/** What pipelines tell apart; the numbers are those of Pulumi's own command. */
export const EXIT = {
  nothing: 0,
  error: 1,
  /** It was called wrongly, or what it was given cannot be used: nothing was begun. */
  configuration: 2,
  authentication: 3,
  /** Something is not as the stacks say. */
  drift: 7,
} as const;

/** Of the command `pulumi`. */
const NO_SUCH_STACK = 6;

/** Says on standard error what went wrong, and ends with the code that says which kind of thing it was. */
export function fail(error: unknown): void {
  process.exitCode = exitCode(error);
  const { message } = error as Error;
  const [, advice] = ADVICE.find(([kind]) => error instanceof kind) ?? [];
  // What goes for Pulumi's own operations says nothing here.
  const lines = [
    ...message.split("\n").filter((line) => line !== SETTINGS_IN_USE),
    ...(advice ? [advice] : []),
  ];
  process.stderr.write(`error: ${lines.map(printable).join("\n")}\n`);
}

function exitCode(error: unknown): number {
  if (error instanceof AuthenticationError || error instanceof PermissionDeniedError)
    return EXIT.authentication;
  if (error instanceof APIError) return EXIT.error;
  if (error instanceof ResourceError || error instanceof ConfigurationError) return EXIT.configuration;
  if (error instanceof PulumiError && error.exitCode === NO_SUCH_STACK) return EXIT.configuration;
  const told: number[] = [EXIT.configuration, EXIT.authentication];
  return error instanceof PulumiError && told.includes(error.exitCode) ? error.exitCode : EXIT.error;
}

const ADVICE = [
  [
    AuthenticationError,
    "Check keycard:clientId and keycard:clientSecret of the stack, or KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET in the environment, which alone count with --state: the credential may have been revoked.",
  ],
  [PermissionDeniedError, "The credential that this signs in with may not read: grant it that at Keycard."],
  [RateLimitError, "Keycard went on refusing calls. Run it again later."],
  [APIConnectionError, "Check the network and keycard:endpoint (or KEYCARD_ENDPOINT in the environment)."],
] as const;
