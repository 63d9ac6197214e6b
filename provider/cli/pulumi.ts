/** Runs the command `pulumi`, only with subcommands that read. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { parseJson } from "../../sdk/internal";
import { shellWord } from "../text";

/** The command `pulumi` failed, or printed something unexpected. */
export class PulumiError extends Error {
  constructor(
    message: string,
    /** The command's exit code; 1 if it did not run. */
    readonly exitCode = 1,
    readonly isOutsideProject = false,
  ) {
    super(message);
  }
}

/** @throws {PulumiError} if the command fails */
export function exportStack(stackOption: readonly string[]): Promise<string> {
  return pulumi("stack", "export", ...stackOption);
}

/**
 * Reads the settings `keycard:…` of a stack's configuration. Asks for decryption only if one of them is secret, since that may
 * need a passphrase.
 *
 * @throws {PulumiError} if the command fails, or does not print a configuration
 */
export async function readSettings(stackOption: readonly string[]): Promise<Record<string, string>> {
  const shown = await configuration("--open", ...stackOption);
  const settings = shown.some(({ secret }) => secret)
    ? await configuration("--show-secrets", ...stackOption)
    : shown;
  return Object.fromEntries(
    settings.flatMap(({ key, value }) => {
      if (value !== undefined && typeof value !== "string") throw notAString(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

const OUTSIDE_PROJECT =
  "There is no Pulumi project in this folder, nor in one above it. To use a stack of a project in another folder, pass -C FOLDER. To use a state that was exported elsewhere, pass --state FILE.";

const WITHOUT_CONFIGURATION =
  "To use environment variables instead of the stack's configuration, pipe the state to the same command with `--state -`, for example `pulumi stack export | npx pulumi-keycard drift --state -`.";

interface Setting {
  key: string;
  value?: unknown;
  secret?: unknown;
}

async function configuration(...options: string[]): Promise<Setting[]> {
  const printed = await pulumi("config", "--json", ...options).catch((error: PulumiError) => {
    if (error.isOutsideProject) throw error;
    throw new PulumiError(`${error.message}\n${WITHOUT_CONFIGURATION}`, error.exitCode);
  });
  const all = parseJson(printed);
  if (typeof all !== "object" || all === null || Array.isArray(all))
    throw notConfiguration("it is not a JSON object");
  const ours = Object.entries(all).filter(([key]) => key.startsWith("keycard:"));
  return ours.map(([key, setting]) => ({ ...((setting ?? { value: null }) as object), key }));
}

function notConfiguration(reason: string): PulumiError {
  return new PulumiError(
    `The output of \`pulumi config --json\` is not a stack configuration: ${reason}. Check that \`pulumi\` on the PATH is the Pulumi CLI.\n${WITHOUT_CONFIGURATION}`,
  );
}

function notAString(key: string): PulumiError {
  return new PulumiError(
    `${key} in the stack's configuration is not a string. Set it again: \`pulumi config set ${key} <value>\`.`,
  );
}

/** Returns the standard output, which may contain secrets and so is never shown. */
async function pulumi(...args: string[]): Promise<string> {
  const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const [output, errorOutput, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null, string | null]>,
    ]);
    if (code === 0) return output;
    const command = ["pulumi", ...args].map(shellWord).join(" ");
    const ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const reason = errorOutput.trim() || `It ended with ${ended} and printed no error.`;
    const isOutsideProject = /no Pulumi\.yaml|no project file/i.test(reason);
    throw new PulumiError(
      isOutsideProject ? OUTSIDE_PROJECT : `\`${command}\` failed:\n${reason}`,
      code ?? 1,
      isOutsideProject,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new PulumiError(
      "The command `pulumi` is not on the PATH. Install it (https://www.pulumi.com/docs/install). Alternatively, run `pulumi stack export --file state.json` on a machine that has it, and pass --state state.json.",
    );
  }
}
