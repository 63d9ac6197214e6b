import { version } from "@pulumi/pulumi/version";
import { stackName } from "../engine";
import { configure } from "../engine/keycard";
import { makeProject } from "../engine/project";
import { Hosts } from "../engine/standIn/hosts";
import type { Goal, Requests } from "../engine/standIn/monitor";
import { ProgramRunner } from "../engine/standIn/program";
import { Stack } from "../engine/standIn/stack";
import { Update } from "../engine/standIn/update";
import { MemoryState } from "./inMemoryStack";
import { InMemoryUpdate } from "./inMemoryUpdate";
import { Keycard } from "./keycard";
import type { Program } from "./sequence";
import { written } from "./wholeStack";

const program: Program = {
  accounts: { a: { name: "one", description: "described" }, b: { name: "two" } },
  credentials: {
    k: { name: "one", account: "a" },
    l: { name: "two", description: "described", account: "b" },
    m: { name: "two", account: "b", rotating: { trigger: "1", rotateAfter: "30d" } },
  },
};

test.each(["dynamic", "native"] as const)(
  "registers the same %s resources as the classes",
  async (provider) => {
    const keycard = await Keycard.start();
    const project = await makeProject();
    await project.declare(written(program));
    const stack = await Stack.read({ projectDir: project.folder, env: { PROVIDER: provider } }, stackName);
    await configure(
      { setConfig: async (key, value, options) => stack.setConfig(key, value, options?.secret ?? false) },
      keycard.emulator,
    );
    const hosts = new Hosts();
    const setting = {
      stack,
      state: new MemoryState("", stackName, version),
      hosts,
      program: new ProgramRunner(),
    };
    const run = new RecordedUpdate(setting);
    await run.run();
    const fed = new RecordedInMemoryUpdate(setting, program, provider);
    await fed.run();
    expect(sorted(fed.goals)).toEqual(sorted(run.goals));
    expect(fed.goals.length).toBe(6);
    await hosts.kill();
    await keycard.emulator.close();
    await project.remove();
  },
);

class RecordedUpdate extends Update {
  readonly goals: Goal[] = [];
  protected override requests(): Requests {
    return recorded(super.requests(), (goal) => this.goals.push(goal));
  }
}

class RecordedInMemoryUpdate extends InMemoryUpdate {
  readonly goals: Goal[] = [];
  protected override requests(): Requests {
    return recorded(super.requests(), (goal) => this.goals.push(goal));
  }
}

function recorded(requests: Requests, record: (goal: Goal) => void): Requests {
  const register = (goal: Goal) => {
    record(structuredClone(goal));
    return requests.register(goal);
  };
  return { ...requests, register };
}

function sorted(goals: Goal[]): Goal[] {
  return goals.sort((one, other) => one.name.localeCompare(other.name));
}
