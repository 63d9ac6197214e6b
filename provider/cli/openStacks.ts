/** The stacks that a command is about: where their states are, and how Keycard is read for them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import { fromEnvironment } from "../../sdk/environment";
import type { Stack } from "../drift/state/declarations";
import { readOnly } from "../drift/inventory/readOnly";
import { readState } from "../drift/state/readState";
import { ResourceError } from "../errors";
import { keycardFrom } from "../settings";
import { shellWord } from "../text";

export interface StackOptions {
  /** Files that `pulumi stack export` wrote; `-` is standard input. */
  state: string[];
  /** Names of stacks, for the command `pulumi`. */
  stack: string[];
  /** Organizations to look in, by ID or label, beside those that the stacks name. */
  organization: string[];
}

/** For an option that can be given again and again. Nothing is called by an empty text. */
export function collect(value: string, earlier: string[]): string[] {
  if (value === "") throw new InvalidArgumentError("It is empty: is a variable unset?");
  return [...earlier, value];
}

/** Adds the options that say which stacks and which organizations are meant. */
export function addStackOptions(command: Command): Command {
  return command
    .option("--state <file>", "a state that `pulumi stack export` wrote; - is standard input", collect, [])
    .option(
      "--stack <name>",
      "a stack of the project in this folder, through the command pulumi",
      collect,
      [],
    )
    .option(
      "--organization <id>",
      "an organization to look in, beside those that the stacks name",
      collect,
      [],
    );
}

/** What says how Keycard is read, and what is known of a stack but for that. */
type Opened = Pick<Stack, "state" | "name"> & { settings: Record<string, string> };

/**
 * Reads the states, and finds out how Keycard is read for each. A stack that is named has its own configuration; a state that is
 * given as it is has the environment alone. Without either it is the current stack.
 *
 * @throws {ResourceError} for what cannot be read, and for settings that are missing or malformed
 * @throws {PulumiError} where the command `pulumi` fails
 */
export async function openStacks({ state, stack }: Pick<StackOptions, "state" | "stack">): Promise<Stack[]> {
  if (state.filter((file) => file === "-").length > 1)
    throw new ResourceError(
      "Standard input can be read once: give --state - once, and files for the others.",
    );
  const named: (string | undefined)[] = stack.length + state.length === 0 ? [undefined] : stack;
  const opened: Opened[] = [];
  for (const file of new Set(state)) opened.push(await openFile(file));
  for (const name of new Set(named)) opened.push(await openNamed(name));
  const keycards = new Map<string, Pick<Stack, "keycard" | "organizationId">>();
  return opened.filter(isFirst).map(({ settings, ...known }) => {
    const key = JSON.stringify(settings);
    const keycard = keycards.get(key) ?? keycardOf(settings);
    keycards.set(key, keycard); // Those with the same settings sign in once, and share the limit on calls.
    return { ...known, ...keycard };
  });
}

/** Whether no earlier one is the same stack, given another way: things have their IDs, so two stacks never say quite the same. */
function isFirst({ state }: Opened, index: number, all: readonly Opened[]): boolean {
  const isSame = (other: Opened) => isDeepStrictEqual({ ...other.state, source: state.source }, state);
  return state.resources.length === 0 || all.findIndex(isSame) === index;
}

/**
 * What stands for a stack where there is none: nothing is in it, and the environment says how Keycard is read.
 *
 * @throws {ResourceError} for settings that are missing or malformed
 */
export function openEnvironment(): Stack {
  const nothing = {
    source: "the environment",
    stack: undefined,
    project: undefined,
    resources: [],
    pending: [],
  };
  requireEnvironment();
  return { state: nothing, name: undefined, ...keycardOf({}) };
}

/** Where no stack is named, it helps nobody to hear how one is configured. */
function requireEnvironment(): void {
  if (fromEnvironment("apiKey")) return;
  const missing = [
    !fromEnvironment("clientID") && "KEYCARD_CLIENT_ID",
    !fromEnvironment("clientSecret") && "KEYCARD_CLIENT_SECRET",
  ].filter((variable) => typeof variable === "string");
  if (missing.length === 0) return;
  throw new ResourceError(
    `To sign in at Keycard, the environment must have ${missing.join(" and ")}: without --stack, no stack's configuration is read. ` +
      "To use what `pulumi config` has, give --stack NAME.",
  );
}

function keycardOf(settings: Record<string, string>): Pick<Stack, "keycard" | "organizationId"> {
  const { client, organizationId } = keycardFrom({ get: (key) => settings[key] });
  return { keycard: readOnly(client), organizationId };
}

async function openFile(file: string): Promise<Opened> {
  const source = file === "-" ? "standard input" : file;
  const content = await (file === "-" ? text(process.stdin) : readFile(file, "utf8")).catch(
    (error: Error) => {
      throw new ResourceError(`${source} cannot be read: ${error.message}`, { cause: error });
    },
  );
  const state = readState(content, source);
  requireEnvironment();
  return { state, name: undefined, settings: {} };
}

async function openNamed(name: string | undefined): Promise<Opened> {
  const which = name === undefined ? [] : ["--stack", name];
  const source = name === undefined ? "the current stack" : `stack ${name}`;
  const [state, settings] = await Promise.all([pulumi("stack", "export", ...which), settingsOf(which)]);
  return { state: readState(state, source), name, settings };
}

const WITHOUT_CONFIGURATION =
  "To do without the stack's configuration, and sign in as the environment says: `pulumi stack export | npx pulumi-keycard drift --state -`.";

/** Our part of a stack's configuration. Other secrets in it stay encrypted, so that only ours may take a passphrase. */
async function settingsOf(which: readonly string[]): Promise<Record<string, string>> {
  const shown = await configured("--open", ...which);
  const settings = shown.some(({ secret }) => secret) ? await configured("--show-secrets", ...which) : shown;
  return Object.fromEntries(
    settings.flatMap(({ key, value }) => {
      if (value !== undefined && typeof value !== "string") throw notConfiguration(`${key} has no text`);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

interface Setting {
  key: string;
  value?: unknown;
  secret?: unknown;
}

/** What `pulumi config --json` tells of our settings. */
async function configured(...options: string[]): Promise<Setting[]> {
  const printed = await pulumi("config", "--json", ...options).catch((error: PulumiError) => {
    throw new PulumiError(`${error.message}\n${WITHOUT_CONFIGURATION}`, error.exitCode);
  });
  const all = fromJson(printed);
  if (typeof all !== "object" || all === null || Array.isArray(all))
    throw notConfiguration("it is no JSON object");
  const ours = Object.entries(all).filter(([key]) => key.startsWith("keycard:"));
  return ours.map(([key, setting]) => ({ ...((setting ?? { value: null }) as object), key }));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would repeat a part of the text, which may be a secret.
    return undefined;
  }
}

function notConfiguration(reason: string): PulumiError {
  return new PulumiError(
    `What \`pulumi config --json\` printed is not a stack's configuration: ${reason}. Check that the command pulumi on the PATH is Pulumi's.\n${WITHOUT_CONFIGURATION}`,
    1,
  );
}

/** The command `pulumi` failed, or is not there. */
export class PulumiError extends Error {
  constructor(
    message: string,
    /** What it ended with; 1 where it did not even begin. */
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** Runs the command `pulumi`, which here only ever reads, and gives what it printed: that may be secrets, and is never shown. */
async function pulumi(...args: string[]): Promise<string> {
  const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    const [told, complaint, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null, string | null]>,
    ]);
    if (code === 0) return told;
    const command = ["pulumi", ...args].map(shellWord).join(" ");
    const ended = signal === null ? `It ended with ${code}` : `It was ended by ${signal}`;
    const reason = complaint.trim() || `${ended}, and did not say why.`;
    throw new PulumiError(`\`${command}\` failed:\n${reason}`, code ?? 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new PulumiError(
      "The command pulumi is not on the PATH. Install it (https://www.pulumi.com/docs/install), or export the state where it is, with `pulumi stack export --file state.json`, and give --state state.json.",
      1,
    );
  }
}
