import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { RemoteProvider } from "./host";
import type { HostOptions, StartHost } from "./host";
import type { HostedPackage } from "./hosts";

const STOPPED = "\0stopped";

/** Starts the hosts of one package's provider one after the other in the same processes, one for each that runs at a time: see `hostProcess.js`. */
export class WarmHost {
  private processes: HostProcess[] = [];

  /** @param execArgv options for Node */
  constructor(
    private readonly name: HostedPackage,
    private readonly execArgv: string[] = [],
  ) {}

  readonly start: StartHost = (options, onLine) => {
    this.processes = this.processes.filter(({ hasEnded }) => !hasEnded);
    let free = this.processes.find(({ isRunning }) => !isRunning);
    if (!free) this.processes.push((free = new HostProcess(this.name, options, this.execArgv)));
    return free.start(options, onLine);
  };

  /** Kills the processes with their hosts, as `kill -9` does. The next host gets a new process. */
  async kill(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((one) => one.kill()));
  }
}

class HostProcess {
  hasEnded = false;
  isRunning = false;
  private readonly process: ChildProcess;
  private readonly ended: Promise<unknown>;
  private onOutput: (line: string) => void = () => undefined;
  private onError: (line: string) => void = () => undefined;

  constructor(name: HostedPackage, { cwd, env }: HostOptions, options: string[]) {
    const execArgv = ["--require", join(__dirname, "lazy.js"), ...options];
    this.process = fork(join(__dirname, "hostProcess.js"), [name], { cwd, env, silent: true, execArgv });
    this.ended = once(this.process, "close").then(() => (this.hasEnded = true));
    const { stdout, stderr } = this.process;
    if (stdout) createInterface({ input: stdout }).on("line", (line) => this.onOutput(line));
    if (stderr) createInterface({ input: stderr }).on("line", (line) => this.onError(line));
  }

  async start({ engine, env }: HostOptions, onLine: (line: string) => void): Promise<RemoteProvider> {
    this.isRunning = true;
    this.onError = onLine;
    const line = new Promise<string>((resolve) => (this.onOutput = resolve));
    this.process.send({ engine, env }, () => undefined);
    const port = await Promise.race([line, this.ended]);
    if (typeof port !== "string") throw new Error("the provider host was killed");
    this.onOutput = onLine;
    return new RemoteProvider(port, () => this.stop(onLine));
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
    this.isRunning = false;
  }
}
