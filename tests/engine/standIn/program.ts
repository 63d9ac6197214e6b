import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Stack } from "./stack";

const ENDED = "\0ended";

/** Runs a stack's programs one after the other. */
export class ProgramRunner {
  private process: ChildProcess | undefined;
  /** The exit code of the process, when it has ended. */
  private closed: Promise<number | undefined> = Promise.resolve(undefined);
  private onLine: (line: string) => void = () => undefined;

  /**
   * Runs the stack's program with Pulumi's own script. It sends its declarations to the monitor, and ends when it has all responses.
   *
   * @param onLine receives each line that the program prints
   * @returns the exit code, when all output is read; `undefined` if the process was killed
   */
  async run(
    stack: Stack,
    { monitor, preview }: { monitor: string; preview: boolean },
    onLine: (line: string) => void,
  ): Promise<number | undefined> {
    const { project, name, folder, entry } = stack;
    const args = [
      ...["--monitor", monitor, "--engine", monitor],
      ...["--organization", "organization", "--project", project, "--stack", name],
      ...["--pwd", folder, "--parallel", "16", ...(preview ? ["--dry-run"] : []), entry],
    ];
    this.onLine = onLine;
    const child = (this.process ??= this.start(stack));
    const output = [child.stdout, child.stderr].map(
      (stream) => new Promise<void>((resolve) => stream?.once("ended", resolve)),
    );
    const code = new Promise<number>((resolve) =>
      child.once("message", (message: { code: number }) => resolve(message.code)),
    );
    const script = createRequire(join(folder, "_")).resolve("@pulumi/pulumi/cmd/run");
    child.send({ script, args, cwd: folder, env: stack.env });
    const ended = await Promise.race([this.closed, Promise.all([code, ...output]).then(([code]) => code)]);
    // Node evaluates TypeScript and ES modules only once.
    if (!isCommonJs(stack)) await this.kill();
    return ended;
  }

  /** Kills the process, and resolves when it has ended. */
  async kill(): Promise<void> {
    const { process } = this;
    if (process === undefined) return;
    this.process = undefined;
    process.kill("SIGKILL");
    await this.closed;
  }

  private start({ folder, env }: Stack): ChildProcess {
    const execArgv = ["--require", join(__dirname, "lazy.js")];
    const child = fork(join(__dirname, "programProcess.js"), { cwd: folder, env, silent: true, execArgv });
    this.closed = once(child, "close").then(([code]) => {
      if (this.process === child) this.process = undefined;
      return (code as number | null) ?? undefined;
    });
    for (const stream of [child.stdout, child.stderr])
      if (stream)
        createInterface({ input: stream }).on("line", (line) => {
          if (line === ENDED) stream.emit("ended");
          else this.onLine(line);
        });
    return child;
  }
}

function isCommonJs({ folder, env }: Stack): boolean {
  if (env["PULUMI_NODEJS_TYPESCRIPT"] === "true") return false;
  try {
    const { type } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { type?: string };
    return type !== "module";
  } catch {
    return false;
  }
}
