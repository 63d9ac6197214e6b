import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

interface ProcessEntry {
  pid: number;
  parent: number;
}

/** Kills a process and all that it started, directly or not. Resolves when none of them runs any more. */
export async function killTree(root: number): Promise<void> {
  // So that it starts nothing more while we look for what it has started.
  process.kill(root, "SIGSTOP");
  const doomed = withDescendants(root, await running());
  for (const pid of doomed) kill(pid);
  // These are no children of ours, so their ends are no events to us.
  while ((await running()).some(({ pid }) => doomed.includes(pid))) await wait(20);
}

function withDescendants(pid: number, processes: ProcessEntry[]): number[] {
  const children = processes.filter(({ parent }) => parent === pid);
  return [pid, ...children.flatMap((child) => withDescendants(child.pid, processes))];
}

/** What runs on this machine, without what has ended and waits to be noticed. */
async function running(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,stat="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state = "Z"]) => !state.startsWith("Z"))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

function kill(pid: number) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
