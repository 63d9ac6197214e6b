import { join } from "node:path";
import { version } from "@pulumi/pulumi/version";
import { EngineError, stackName } from "../engine";
import type { Outcome } from "../engine";
import type { Hosts } from "../engine/standIn/hosts";
import type { Operation, Setting } from "../engine/standIn/operation";
import { ProgramRunner } from "../engine/standIn/program";
import { Refresh } from "../engine/standIn/refresh";
import { Stack } from "../engine/standIn/stack";
import type { Resource } from "../engine/standIn/state";
import { State } from "../engine/standIn/state";
import { reveal } from "../engine/values";
import type { Provider } from "../support/provider";
import { InMemoryUpdate } from "./inMemoryUpdate";
import type { PlayedStack } from "./play";
import type { Kill, Program } from "./sequence";

/** A stack on the stand-in engine, with its state in memory, and without processes for its programs. */
export class InMemoryStack implements PlayedStack {
  private running: Operation | undefined;
  private written: Resource[] | undefined;

  private constructor(
    private readonly setting: Setting,
    private readonly provider: Provider,
  ) {}

  static async open(hosts: Hosts, provider: Provider): Promise<InMemoryStack> {
    const stack = await Stack.read({ projectDir: join(__dirname, "../engine/program") }, stackName);
    const state = new MemoryState("", stackName, version);
    return new InMemoryStack({ stack, state, hosts, program: new ProgramRunner() }, provider);
  }

  async setConfig(key: string, value: string, { secret = false } = {}): Promise<void> {
    this.setting.stack.setConfig(key, value, secret);
  }

  /** @throws {@link EngineError} */
  up(program: Program): Promise<Outcome> {
    return this.run("up", new InMemoryUpdate(this.setting, program, this.provider));
  }

  /** @throws {@link EngineError} */
  refresh(): Promise<Outcome> {
    return this.run("refresh", new Refresh(this.setting));
  }

  /** Returns the resources in the state, with decrypted secrets. */
  async resources(): Promise<Resource[]> {
    return reveal(this.setting.state.resources);
  }

  /** Kills the provider host, or the engine: then nothing is written into the state any more. */
  kill(victim: Kill["victim"]): void {
    if (victim === "host") return void this.setting.hosts.kill();
    this.written = [...this.setting.state.resources];
    this.running?.journal.stop({ message: "killed" });
    if (this.running instanceof InMemoryUpdate) this.running.endProgram();
  }

  async close(): Promise<void> {
    // Everything is in memory.
  }

  private async run(name: string, operation: Operation): Promise<Outcome> {
    this.running = operation;
    this.written = undefined;
    const outcome = await operation.run();
    this.running = undefined;
    if (this.written) this.setting.state.resources = this.written;
    if (operation.journal.failed) throw new EngineError(name, outcome);
    return outcome;
  }
}

/** A state that is not written into files. */
export class MemoryState extends State {
  override save(): Promise<void> {
    return Promise.resolve();
  }
  override archive(): Promise<void> {
    return Promise.resolve();
  }
}
