import { EventEmitter, once } from "node:events";
import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, delimiter, join, resolve } from "node:path";
import type * as automation from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { version } from "../../package.json";
import { EventReader } from "./events";
import { killTree } from "./processes";
import { folderOf, pinnedVersion } from "./real/location";
import { PLUGIN } from "./standIn/nativeHost";
import type { Deployment, Engine, EngineOptions, Outcome } from "./types";
import { EngineError, passphrase, stackName } from "./types";

type Operation = "up" | "preview" | "refresh" | "destroy";

// A real engine needs all three for Node programs. It finds the plugins of packages, such as random, by itself.
const neededOnPath = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

/** Loads the Automation API only when it is needed, because that takes seconds in each suite. */
const load = () => import("@pulumi/pulumi/automation/index.js");

/**
 * Returns the version of the CLI on the PATH. Where there is none, it first puts the one on the PATH that `npm run engine` has built.
 * @throws Error that names what is missing
 */
export async function pulumiVersion(built = folderOf(pinnedVersion())): Promise<string> {
  if (!(await isOnPath("pulumi")) && (await exists(join(built, "pulumi")))) addToPath(built);
  const missing = [];
  for (const name of neededOnPath) if (!(await isOnPath(name))) missing.push(name);
  if (missing.length > 0)
    throw new Error(
      `Not on the PATH: ${missing.join(", ")}. Build them with \`npm run engine\`, or see https://www.pulumi.com/docs/install/`,
    );
  const { PulumiCommand } = await load();
  const command = await PulumiCommand.get();
  return String(command.version);
}

function addToPath(folder: string): void {
  process.env.PATH = [process.env.PATH, folder].join(delimiter);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function isOnPath(name: string): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = await Promise.all(folders.map((folder) => exists(join(folder, name))));
  return found.includes(true);
}

/** Opens a stack on the real engine, with a file back end in a folder of its own. */
export async function openPulumi(options: EngineOptions): Promise<Engine> {
  const cli = await pulumiVersion();
  const folder = await mkdtemp(join(tmpdir(), "keycard-pulumi-"));
  // The CLI writes a stack's configuration next to Pulumi.yaml: a copy of that file keeps the project clean.
  const project = parse(await readFile(join(options.projectDir, "Pulumi.yaml"), "utf8")) as { main?: string };
  project.main = resolve(options.projectDir, project.main ?? ".");
  await writeFile(join(folder, "Pulumi.yaml"), stringify(project));
  const { LocalWorkspace, Stack } = await load();
  const workspace = await LocalWorkspace.create({
    workDir: folder,
    pulumiHome: join(folder, "home"),
    envVars: {
      ...options.env,
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  });
  await sharePlugins(join(folder, "home"));
  const stack = await Stack.create(stackName, workspace);
  return new PulumiEngine(cli, folder, stack, options);
}

/** Links the plugins of the user's own home folder, which are large, into a new one, and adds the native provider of this checkout. */
async function sharePlugins(home: string) {
  const [theirs, ours] = [
    join(process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins"),
    join(home, "plugins"),
  ];
  const native = `resource-keycard-v${version}`;
  await mkdir(join(ours, native), { recursive: true });
  await symlink(PLUGIN, join(ours, native, basename(PLUGIN)));
  const names = await readdir(theirs).catch(() => []);
  for (const name of names.filter((name) => !name.startsWith(native)))
    await symlink(join(theirs, name), join(ours, name));
}

class PulumiEngine implements Engine {
  readonly name = "pulumi";
  private interruption = new AbortController();
  private running: Promise<unknown> = Promise.resolve();
  private readonly events = new EventEmitter();

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

  private run(operation: Operation): Promise<Outcome> {
    const outcome = this.start(operation);
    this.running = outcome.catch(() => undefined);
    return outcome;
  }

  private async start(operation: Operation): Promise<Outcome> {
    const events = new EventReader();
    const onEvent = (event: automation.EngineEvent) => {
      events.add(event);
      if (event.stdoutEvent?.message.startsWith("^C received")) this.events.emit("interruption");
    };
    const { signal } = (this.interruption = new AbortController());
    try {
      const result = await this.stack[operation]({
        onEvent,
        signal,
        ...this.forwardedOutput(),
        // A plan is a file with state, too: tests search it for secrets.
        ...(operation === "preview" ? { plan: join(this.stateFolder, "plan.json") } : {}),
      });
      return {
        ...events.outcome(),
        outputs: "outputs" in result ? (result as automation.UpResult).outputs : {},
      };
    } catch (error) {
      // Without events, the command failed before it ran anything: its own message is the only one.
      const outcome = events.outcome();
      throw new EngineError(operation, outcome, outcome.diagnostics.length === 0 ? String(error) : "");
    }
  }

  private forwardedOutput() {
    const { log } = this.options;
    return log ? { onOutput: (text: string) => text.trimEnd().split("\n").forEach(log) } : {};
  }

  async export(): Promise<Deployment> {
    // The Automation API exports decrypted secrets; the back end's own file is what `pulumi stack export` writes.
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

  async interrupt() {
    // Only the CLI gets the signal, as from a terminal: its plugins run in process groups of their own.
    const received = once(this.events, "interruption");
    this.interruption.abort();
    await Promise.race([received, this.running]);
  }

  async kill() {
    // A killed CLI leaves its plugins running, and its lock.
    await killTree(await this.pid());
    await this.running;
    await this.stack.cancel();
  }

  /** The process that holds the stack's lock. */
  private async pid(): Promise<number> {
    const folder = join(this.stateFolder, "locks");
    const lock = (await readdir(folder, { recursive: true })).find((name) => name.endsWith(".json"));
    if (lock === undefined) throw new Error("There is nothing to kill: no operation holds the stack's lock.");
    return (JSON.parse(await readFile(join(folder, lock), "utf8")) as { pid: number }).pid;
  }

  async close() {
    await this.interrupt();
    await this.running;
    await rm(this.folder, { recursive: true, force: true });
  }
}
