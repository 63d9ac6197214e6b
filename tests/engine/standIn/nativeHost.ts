import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { RemoteProvider } from "./host";
import type { HostOptions } from "./host";

/** The native provider that `npm run build` writes. */
export const PLUGIN = resolve(__dirname, "../../../dist/plugin/pulumi-resource-keycard");

/** Starts a native provider in a new process, as Pulumi does. */
export async function startNative(
  { cwd, env, engine }: HostOptions,
  executable = PLUGIN,
): Promise<RemoteProvider> {
  const child = spawn(executable, [engine], { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const port = new Promise<string>((found) => createInterface({ input: child.stdout }).once("line", found));
  const started = await Promise.race([port, ended]);
  if (typeof started !== "string") throw new Error("the native provider ended");
  return new RemoteProvider(started, async () => {
    child.kill("SIGKILL");
    await ended;
  });
}
