import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

interface ProcessEntry {
  pid: number;
  parent: number;
}

/** Kills a process and all its descendants. Resolves when they have ended. */
export async function killTree(root: number): Promise<void> {
  // Stopped first, so that it starts no further process meanwhile.
  process.kill(root, "SIGSTOP");
  const doomed = withDescendants(root, await running());
  for (const pid of doomed) kill(pid);
  // They are not children of this process, so it gets no events.
  while ((await running()).some(({ pid }) => doomed.includes(pid))) await wait(20);
}

function withDescendants(pid: number, processes: ProcessEntry[]): number[] {
  const children = processes.filter(({ parent }) => parent === pid);
  return [pid, ...children.flatMap((child) => withDescendants(child.pid, processes))];
}

/** Returns the running processes of this machine, without zombies. */
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
