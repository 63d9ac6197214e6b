import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { DynamicHost } from "../engine/standIn/host";
import type { StartHost } from "../engine/standIn/host";

/** Starts hosts of dynamic providers one after the other in a single process: see `hostProcess.js`. */
export class WarmHost {
  private current: HostProcess | undefined;

  /** Starts a fresh host; the one before it must have ended. */
  readonly start: StartHost = ({ engine }, onLine) => {
    this.current ??= new HostProcess();
    return this.current.start(engine, onLine);
  };

  /** Kills the process with its host, as `kill -9` does. The next host gets a new process. */
  kill(): void {
    this.current?.kill();
    this.current = undefined;
  }
}

class HostProcess {
  private readonly process: ChildProcess;
  private readonly ended: Promise<unknown[]>;
  private nextLine: (line: string) => void = () => undefined;
  private onLine: (line: string) => void = () => undefined;
  private onStopped: () => void = () => undefined;

  constructor() {
    const cwd = resolve(__dirname, "../..");
    const env = { ...process.env, PULUMI_NODEJS_PROJECT: "engine-program" };
    const execArgv = ["--require", resolve(__dirname, "../engine/standIn/lazy.js")];
    this.process = fork(join(__dirname, "hostProcess.js"), { cwd, env, silent: true, execArgv });
    this.ended = once(this.process, "exit");
    this.process.on("message", () => this.onStopped());
    const { stdout, stderr } = this.process;
    if (stdout) createInterface({ input: stdout }).on("line", (line) => this.nextLine(line));
    if (stderr) createInterface({ input: stderr }).on("line", (line) => this.onLine(line));
  }

  async start(engine: string, onLine: (line: string) => void): Promise<DynamicHost> {
    const line = new Promise<string>((resolve) => (this.nextLine = resolve));
    this.onLine = onLine;
    this.process.send({ engine });
    const port = await Promise.race([line, this.ended]);
    if (typeof port !== "string") throw new Error("the provider host was killed");
    this.nextLine = onLine;
    return new DynamicHost(port, { kill: () => this.stop() });
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }

  private async stop(): Promise<void> {
    if (!this.process.connected) return;
    const stopped = new Promise<void>((resolve) => (this.onStopped = resolve));
    this.process.send({}, () => undefined);
    await Promise.race([stopped, this.ended]);
  }
}
