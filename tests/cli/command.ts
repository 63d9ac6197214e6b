import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
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

function start(...args: string[]): Process {
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  return child;
}

/** Waits until the command has ended, and tells what it printed. */
export async function run(...args: string[]) {
  const child = start(...args);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, code };
}

/** Waits until the emulator says that it is ready. */
export async function startReady(...args: string[]) {
  const child = start("emulator", ...args);
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  const details = JSON.parse(chunk.toString()) as Omit<Emulator, "close">;
  return { child, chunk: chunk.toString(), details, port: Number(new URL(details.endpoint).port) };
}
