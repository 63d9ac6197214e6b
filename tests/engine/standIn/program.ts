import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Stack } from "./stack";

/** A stack's program, run by Pulumi's own script. It sends its declarations to the monitor, and ends when it has all responses. */
export class RunningProgram {
  private readonly process: ChildProcess;
  /** Resolves with the exit code when the process has ended and its output is read; `undefined` if it was killed. */
  readonly ended: Promise<number | undefined>;

  /** @param onLine receives each line that the program prints */
  constructor(
    { project, name, folder, entry, env }: Stack,
    options: { monitor: string; preview: boolean },
    onLine: (line: string) => void,
  ) {
    const args = [
      ...["--require", join(__dirname, "lazy.js")],
      createRequire(join(folder, "_")).resolve("@pulumi/pulumi/cmd/run"),
      ...["--monitor", options.monitor, "--engine", options.monitor],
      ...["--organization", "organization", "--project", project, "--stack", name],
      ...["--pwd", folder, "--parallel", "16", ...(options.preview ? ["--dry-run"] : []), entry],
    ];
    const { stdout, stderr } = (this.process = spawn(process.execPath, args, { cwd: folder, env }));
    for (const input of [stdout, stderr]) createInterface({ input }).on("line", onLine);
    this.ended = once(this.process, "close").then(([code]) => (code as number | null) ?? undefined);
  }

  /** Kills the process, and resolves when it has ended. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }
}
