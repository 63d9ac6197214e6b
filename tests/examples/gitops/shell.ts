import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { runInNewContext } from "node:vm";

export interface ScriptResult {
  code: number;
  /** Standard output, then standard error. */
  log: string;
}

/** Runs a script as a runner does: without a terminal, and with no other variables than these. */
export async function bash(
  script: string,
  flags: string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<ScriptResult> {
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

/** Evaluates an expression of GitHub or GitLab. Those in the pipelines are valid JavaScript, too. Throws on an unknown name. */
export function evaluate(expression: string, names: object): unknown {
  const bare = expression.replace(/^\$\{\{(.*)\}\}$/, "$1");
  return runInNewContext(bare, { ...names, cancelled: () => false });
}

/** Replaces each `${{ expression }}` in texts. */
export function resolveAll(texts: Record<string, string> = {}, names: object): Record<string, string> {
  const resolve = (text: string) =>
    text.replace(/\$\{\{.*?\}\}/g, (expression) => {
      const value = evaluate(expression, names);
      return typeof value === "string" ? value : fail(`${expression} has no value.`);
    });
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, resolve(text)]));
}

export function fail(message: string): never {
  throw new Error(message);
}
