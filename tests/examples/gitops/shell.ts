import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** How a script ended, and all that it printed. */
export interface Ran {
  code: number;
  log: string;
}

/** Runs a script as a pipeline's runner does: without a terminal, and with no variables but those given. */
export async function bash(
  script: string,
  flags: string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<Ran> {
  const child = spawn("bash", ["--noprofile", "--norc", ...flags, "-c", script], {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number]>,
  ]);
  return { code, log: out + err };
}
