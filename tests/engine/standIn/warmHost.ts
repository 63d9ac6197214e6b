import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DynamicHost } from "./host";
import type { HostOptions, StartHost } from "./host";

const STOPPED = "\0stopped";

/** Starts the provider hosts of one stack one after the other in a single process: see `hostProcess.js`. */
export class WarmHost {
  private current: HostProcess | undefined;

  /** @param args arguments of `hostProcess.js` */
  constructor(private readonly args: string[] = []) {}

  /** Starts a new host; the one before it must have been closed. */
  readonly start: StartHost = (options, onLine) => {
    if (this.current?.hasEnded !== false) this.current = new HostProcess(options, this.args);
    return this.current.start(options, onLine);
  };

  /** Kills the process with its host, as `kill -9` does. The next host gets a new process. */
  async kill(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.kill();
  }
}

class HostProcess {
  hasEnded = false;
  private readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;
  private onOutput: (line: string) => void = () => undefined;
  private onError: (line: string) => void = () => undefined;

  constructor({ cwd, env }: HostOptions, args: string[]) {
    const execArgv = ["--require", join(__dirname, "lazy.js")];
    this.process = fork(join(__dirname, "hostProcess.js"), args, { cwd, env, silent: true, execArgv });
    this.ended = once(this.process, "close").then(() => (this.hasEnded = true));
    const { stdout, stderr } = this.process;
    if (stdout) createInterface({ input: stdout }).on("line", (line) => this.onOutput(line));
    if (stderr) createInterface({ input: stderr }).on("line", (line) => this.onError(line));
  }

  async start({ engine, env }: HostOptions, onLine: (line: string) => void): Promise<DynamicHost> {
    this.onError = onLine;
    const line = new Promise<string>((resolve) => (this.onOutput = resolve));
    this.process.send({ engine, env }, () => undefined);
    const port = await Promise.race([line, this.ended]);
    if (typeof port !== "string") throw new Error("the provider host was killed");
    this.onOutput = onLine;
    return new DynamicHost(port, () => this.stop(onLine));
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** Stops the host, and resolves when all its output has been passed on. */
  private async stop(onLine: (line: string) => void): Promise<void> {
    if (!this.process.connected) return;
    const until = (setHandler: (handler: (line: string) => void) => void) =>
      new Promise<void>((resolve) => setHandler((line) => (line === STOPPED ? resolve() : onLine(line))));
    const stopped = [
      until((handler) => (this.onOutput = handler)),
      until((handler) => (this.onError = handler)),
    ];
    this.process.send({}, () => undefined);
    await Promise.race([Promise.all(stopped), this.ended]);
  }
}
