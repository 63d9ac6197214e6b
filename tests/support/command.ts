import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Emulator } from "pulumi-keycard/emulator";

const command = require.resolve("../../dist/provider/cli/index.js");

export type Process = ChildProcessByStdio<null, Readable, Readable>;
let started: Process[] = [];
afterEach(() => {
  started.forEach((child) => child.kill("SIGKILL"));
  started = [];
});

/** How the command runs; by default in this process's folder and environment, without standard input. */
export interface RunOptions {
  cwd?: string;
  /** Replaces the environment of this process. */
  env?: Record<string, string | undefined>;
  /** The file that is its standard input. */
  input?: string;
  /** Options for Node. */
  node?: string[];
}

function start(args: string[], { input, node = [], ...options }: RunOptions = {}): Process {
  const stdin = input === undefined ? "ignore" : openSync(input, "r");
  const child = spawn(process.execPath, [...node, command, ...args], {
    stdio: [stdin, "pipe", "pipe"],
    ...options,
  }) as Process;
  if (typeof stdin === "number") closeSync(stdin);
  started.push(child);
  return child;
}

/** The output and the exit code of a command. */
export interface Ended {
  stdout: string;
  stderr: string;
  code: number;
}

/** Runs the command with options. */
export async function runIn(options: RunOptions, ...args: string[]): Promise<Ended> {
  const child = start(args, options);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number]>,
  ]);
  return { stdout, stderr, code };
}

/** How the command ends if it prints nothing but messages. @param messages all of them, or a pattern of what they contain */
export function ended(code: number, messages: string | RegExp): Ended {
  const stderr = typeof messages === "string" ? messages : (expect.stringMatching(messages) as string);
  return { stdout: "", stderr, code };
}

/** Returns the variables with which the command signs in at an emulator. */
export function signInAt({ endpoint, clientId, clientSecret }: Omit<Emulator, "close">) {
  return { KEYCARD_ENDPOINT: endpoint, KEYCARD_CLIENT_ID: clientId, KEYCARD_CLIENT_SECRET: clientSecret };
}

/** Starts the emulator on a free port, and waits until it prints its settings. */
export async function startPrinting(...args: string[]) {
  const child = start(["emulator", "--port", "0", ...args]);
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return { child, chunk: chunk.toString() };
}

/** Starts the emulator, and returns the settings that it prints as JSON. */
export async function startReady(...args: string[]) {
  const { child, chunk } = await startPrinting(...args);
  return { child, chunk, details: JSON.parse(chunk) as Omit<Emulator, "close"> };
}
