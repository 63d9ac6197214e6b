/** Opens the stacks of a command: reads their states, and creates a Keycard client for each. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { fromEnvironment } from "../../sdk";
import { readOnly, readState } from "../drift";
import type { Stack } from "../drift";
import { ResourceError, SettingsError } from "../errors";
import { keycardFrom } from "../session/settings";
import { exportStack, readSettings } from "./pulumi";
import type { StackOptions } from "./stackOptions";

/** A stack whose client is still to be created. */
type Opened = Pick<Stack, "state" | "name"> & { settings: Record<string, string> };

/**
 * Opens the stacks that the options name, or else the current stack. A client for a named stack uses the stack's configuration,
 * a client for a state file only the environment.
 *
 * @throws {ResourceError} if a state cannot be read, or a setting is missing or malformed
 * @throws {PulumiError} if the command `pulumi` fails
 */
export async function openStacks({ state, stack }: Pick<StackOptions, "state" | "stack">): Promise<Stack[]> {
  if (state.filter((file) => file === "-").length > 1)
    throw new ResourceError(
      "Standard input can be read only once. Pass --state - once, and files for the other states.",
    );
  const named = stack.length + state.length === 0 ? [undefined] : stack;
  const opened: Opened[] = [];
  for (const file of new Set(state)) opened.push(await openFile(file));
  for (const name of new Set(named)) opened.push(await openNamed(name));
  // Stacks with equal settings share a client, and with it the token and the rate limit.
  const clients = new Map<string, ReturnType<typeof openKeycard>>();
  return opened.filter(isFirst).map(({ settings, ...known }) => {
    const key = JSON.stringify(settings);
    const client =
      clients.get(key) ?? openKeycard(settings, opened.length > 1 ? `${known.state.source}: ` : "");
    clients.set(key, client);
    return { ...known, ...client };
  });
}

/** Drops a stack that was passed twice. Since IDs are unique, no two stacks with resources have equal states. */
function isFirst({ state }: Opened, index: number, all: readonly Opened[]): boolean {
  const isSame = (other: Opened) => isDeepStrictEqual({ ...other.state, source: state.source }, state);
  return state.resources.length === 0 || all.findIndex(isSame) === index;
}

/**
 * Returns an empty stack whose client uses only the environment.
 *
 * @throws {ResourceError} if a setting is missing or malformed
 */
export function openEnvironment(): Stack {
  const state = {
    source: "the environment",
    stack: undefined,
    project: undefined,
    resources: [],
    pending: [],
  };
  requireEnvironment();
  return { state, name: undefined, ...openKeycard({}) };
}

/** Throws an error that names environment variables only, since no stack is there to be configured. */
function requireEnvironment(): void {
  if (fromEnvironment("apiKey")) return;
  const missing = [
    !fromEnvironment("clientID") && "KEYCARD_CLIENT_ID",
    !fromEnvironment("clientSecret") && "KEYCARD_CLIENT_SECRET",
  ].filter((variable) => typeof variable === "string");
  if (missing.length === 0) return;
  throw new ResourceError(
    `Set ${missing.join(" and ")} in the environment: without --stack, the command reads its settings only from there. ` +
      "To use a stack's configuration, pass --stack NAME.",
  );
}

/** @param lead begins an error, to name the stack */
function openKeycard(settings: Record<string, string>, lead = ""): Pick<Stack, "keycard" | "organizationId"> {
  try {
    const { client, organizationId } = keycardFrom({ get: (key) => settings[key] });
    return { keycard: readOnly(client), organizationId };
  } catch (error) {
    throw error instanceof SettingsError ? new SettingsError(lead + error.message, { cause: error }) : error;
  }
}

async function openFile(file: string): Promise<Opened> {
  const source = file === "-" ? "standard input" : file;
  const reading = file === "-" ? text(process.stdin) : readFile(file, "utf8");
  const content = await reading.catch((error: Error) => {
    throw new ResourceError(`Cannot read ${source}: ${error.message}`, { cause: error });
  });
  const state = readState(content, source);
  requireEnvironment();
  return { state, name: undefined, settings: {} };
}

async function openNamed(name: string | undefined): Promise<Opened> {
  const stackOption = name === undefined ? [] : ["--stack", name];
  const source = name === undefined ? "the current stack" : `stack ${name}`;
  const [state, settings] = await Promise.all([exportStack(stackOption), readSettings(stackOption)]);
  return { state: readState(state, source), name, settings };
}
