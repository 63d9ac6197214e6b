import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import * as automation from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { EventReader } from "./events";
import type { Deployment, Engine, EngineOptions, Outcome } from "./types";
import { EngineError, passphrase, stackName } from "./types";

type Operation = "up" | "preview" | "refresh" | "destroy";

// What a TypeScript program needs beside the CLI itself. A program that uses random finds out by itself that it misses it.
const neededOnPath = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-pulumi-nodejs",
  "pulumi-resource-random",
];

/** The version of the CLI on the PATH. @throws Error naming what is missing there */
export async function pulumiVersion(): Promise<string> {
  const missing = [];
  for (const name of neededOnPath) if (!(await isOnPath(name))) missing.push(name);
  if (missing.length > 0)
    throw new Error(`Not on the PATH: ${missing.join(", ")}. See https://www.pulumi.com/docs/install/`);
  const command = await automation.PulumiCommand.get();
  return String(command.version);
}

async function isOnPath(name: string): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Opens a stack on the real engine, with a file back end in a folder of its own. */
export async function openPulumi(options: EngineOptions): Promise<Engine> {
  const version = await pulumiVersion();
  const folder = await mkdtemp(join(tmpdir(), "keycard-pulumi-"));
  // The CLI writes a stack's configuration next to Pulumi.yaml: a copy of that file keeps the project clean.
  const project = parse(await readFile(join(options.projectDir, "Pulumi.yaml"), "utf8")) as { main?: string };
  project.main = resolve(options.projectDir, project.main ?? ".");
  await writeFile(join(folder, "Pulumi.yaml"), stringify(project));
  const workspace = await automation.LocalWorkspace.create({
    workDir: folder,
    pulumiHome: join(folder, "home"),
    envVars: {
      ...options.env,
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
  const stack = await automation.Stack.create(stackName, workspace);
  return new PulumiEngine(version, folder, stack, options);
}

class PulumiEngine implements Engine {
  readonly name = "pulumi";

  constructor(
    readonly version: string,
    private readonly folder: string,
    private readonly stack: automation.Stack,
    private readonly options: EngineOptions,
  ) {}

  get stateFolder() {
    return join(this.folder, ".pulumi");
  }

  up() {
    return this.run("up");
  }

  preview() {
    return this.run("preview");
  }

  refresh() {
    return this.run("refresh");
  }

  destroy() {
    return this.run("destroy");
  }

  private async run(operation: Operation): Promise<Outcome> {
    const events = new EventReader();
    const common = {
      onEvent: (event: automation.EngineEvent) => events.add(event),
      ...this.forwardedOutput(),
    };
    try {
      const result = await this.stack[operation](common);
      return {
        ...events.outcome(),
        outputs: "outputs" in result ? (result as automation.UpResult).outputs : {},
      };
    } catch (error) {
      // With nothing on the event log the command did not get as far as running anything: its own words are all there is.
      const outcome = events.outcome();
      throw new EngineError(operation, outcome, outcome.diagnostics.length === 0 ? String(error) : "");
    }
  }

  private forwardedOutput() {
    const { log } = this.options;
    return log ? { onOutput: (text: string) => text.trimEnd().split("\n").forEach(log) } : {};
  }

  async export(): Promise<Deployment> {
    // The automation API exports secrets in clear. The back end's own file has what `pulumi stack export` writes.
    const { name } = await this.stack.workspace.projectSettings();
    const text = await readFile(join(this.stateFolder, "stacks", name, `${stackName}.json`), "utf8");
    const { version, checkpoint } = JSON.parse(text) as { version: number; checkpoint: { latest?: unknown } };
    return { version, deployment: checkpoint.latest ?? {} } as Deployment;
  }

  async import(deployment: Deployment) {
    await this.stack.importStack(deployment as unknown as automation.Deployment);
  }

  async setConfig(key: string, value: string, { secret = false } = {}) {
    await this.stack.setConfig(key, { value, secret });
  }

  async close() {
    await rm(this.folder, { recursive: true, force: true });
  }
}
