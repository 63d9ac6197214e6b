import { Child } from "./child";
import type { Stack } from "./stack";

/** Starts a stack's program. It sends its declarations to the monitor, and ends when it has all responses. */
export function startProgram(
  stack: Stack,
  options: { monitor: string; preview: boolean },
  onLine: (line: string) => void,
): Child {
  const { project, name, folder, entry, env } = stack;
  const args = [
    ...["--monitor", options.monitor, "--engine", options.monitor],
    ...["--organization", "organization", "--project", project, "--stack", name],
    ...["--pwd", folder, "--parallel", "16", ...(options.preview ? ["--dry-run"] : []), entry],
  ];
  return new Child("@pulumi/pulumi/cmd/run", args, { cwd: folder, env }, onLine).forward();
}
