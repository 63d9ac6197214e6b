import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Node process that runs one of Pulumi's own scripts, resolved from its working directory. */
export class Child {
  private readonly process;
  private readonly output;
  /** Resolves with the exit code when the process has ended and its output is read; `undefined` if it was killed. */
  readonly ended: Promise<number | undefined>;

  /**
   * @param options `preload` is a module to load before the script
   * @param onLine receives each line on standard error, and after {@link forward} on standard output
   */
  constructor(
    script: string,
    args: string[],
    { preload, ...options }: { cwd: string; env: NodeJS.ProcessEnv; preload?: string },
    private readonly onLine: (line: string) => void,
  ) {
    const path = createRequire(join(options.cwd, "_")).resolve(script);
    const preloads = [join(__dirname, "lazy.js"), ...(preload ? [preload] : [])];
    const nodeArgs = preloads.flatMap((module) => ["--require", module]);
    this.process = spawn(process.execPath, [...nodeArgs, path, ...args], options);
    this.output = createInterface({ input: this.process.stdout });
    createInterface({ input: this.process.stderr }).on("line", onLine);
    this.ended = once(this.process, "close").then(([code]) => (code as number | null) ?? undefined);
  }

  /** Passes on standard output from now on. */
  forward(): this {
    this.output.on("line", this.onLine);
    return this;
  }

  /** Returns the next line on standard output. @throws Error if the process ends before */
  async nextLine(): Promise<string> {
    const next = await Promise.race([once(this.output, "line"), this.ended]);
    if (!Array.isArray(next)) throw new Error(`ended too early: ${this.process.spawnargs.join(" ")}`);
    return next[0] as string;
  }

  /** Kills the process, and resolves when it has ended. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }
}
