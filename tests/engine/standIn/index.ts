import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { version } from "@pulumi/pulumi/version";
import type { Deployment, Engine, EngineOptions, Outcome } from "../types";
import { EngineError, stackName } from "../types";
import { Destroy } from "./deletes";
import { Hosts } from "./hosts";
import type { Operation, Setting } from "./operation";
import { ProgramRunner } from "./program";
import { Refresh } from "./refresh";
import { Stack } from "./stack";
import { State } from "./state";
import { Update } from "./update";

/** Opens a stack on the stand-in engine, with its state in a folder of its own. */
export async function openStandIn(options: EngineOptions): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), "keycard-stand-in-"));
  const stack = await Stack.read(options, stackName);
  const state = new State(folder, stackName, version);
  const setting = { stack, state, log: options.log, hosts: new Hosts(), program: new ProgramRunner() };
  return new StandIn(folder, setting);
}

/**
 * Does with a program and its providers what Pulumi's engine does, as far as the tests need it. It uses the real engine's own program
 * runner and provider host, over the same protocol.
 */
class StandIn implements Engine {
  readonly name = "stand-in";
  readonly version = version;
  private running: { operation: Operation; finished: Promise<unknown> } | undefined;

  constructor(
    readonly stateFolder: string,
    private readonly setting: Setting,
  ) {}

  up() {
    return this.run("up", new Update(this.setting));
  }

  preview() {
    return this.run("preview", new Update(this.setting, true));
  }

  refresh() {
    return this.run("refresh", new Refresh(this.setting));
  }

  destroy() {
    return this.run("destroy", new Destroy(this.setting));
  }

  private run(name: string, operation: Operation): Promise<Outcome> {
    const finished = operation.run().then((outcome) => {
      if (operation.journal.failed) throw new EngineError(name, outcome);
      return outcome;
    });
    this.running = { operation, finished: finished.catch(() => undefined) };
    return finished;
  }

  async export(): Promise<Deployment> {
    return this.setting.state.export();
  }

  import(deployment: Deployment): Promise<void> {
    return this.setting.state.import(deployment);
  }

  async setConfig(key: string, value: string, { secret = false } = {}) {
    this.setting.stack.setConfig(key, value, secret);
  }

  async interrupt() {
    this.running?.operation.interrupt();
  }

  async kill() {
    await Promise.all([this.setting.hosts.kill(), this.running?.operation.kill()]);
    await this.running?.finished;
  }

  async close() {
    await Promise.all([this.setting.hosts.kill(), this.running?.operation.abort()]);
    await this.setting.program.kill();
    await this.running?.finished;
    await rm(this.stateFolder, { recursive: true, force: true });
  }
}
