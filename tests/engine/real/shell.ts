/** A Pulumi project in a folder of its own, and the CLI in a shell there, as a user has them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import { passphrase, stackName } from "../index";
import { makeProject } from "../project";
import type { Project } from "../project";

export interface Result {
  /** The exit code. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Returns a function that runs commands in a folder; `input` is what they read from standard input. */
export function shellIn(folder: string, env: Record<string, string> = {}) {
  const all = {
    ...process.env,
    PULUMI_HOME: join(folder, ".pulumi-home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...env,
  };
  return async (command: string, input = ""): Promise<Result> => {
    const child = spawn("bash", ["-c", command], { cwd: folder, env: all });
    // A command may end without reading its input.
    child.stdin.on("error", () => undefined).end(input);
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number]>,
    ]);
    return { code, stdout, stderr };
  };
}

/** Returns a function that runs commands and fails unless they exit with 0; it returns what they print to standard output. */
export function orFail(sh: ReturnType<typeof shellIn>) {
  return async (command: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await sh(command, input);
    if (code !== 0) throw new Error(`${command} exited with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  };
}

/** Configures the current stack for an emulator, as a user types it. */
export async function configureStack(
  run: ReturnType<typeof orFail>,
  { endpoint, clientId, clientSecret }: Emulator,
  organizationId: string,
): Promise<void> {
  await run(`pulumi config set keycard:endpoint ${endpoint}`);
  await run(`pulumi config set keycard:organizationId ${organizationId}`);
  await run(`pulumi config set keycard:clientId ${clientId}`);
  await run("pulumi config set --secret keycard:clientSecret", clientSecret);
}

export interface ShellProject extends Project {
  /** Runs a command in the project's folder. */
  sh: ReturnType<typeof shellIn>;
  /** Runs a command, and fails unless it exits with 0. Returns what it printed to standard output. */
  run(command: string, input?: string): Promise<string>;
}

/** Makes a project that links to this checkout, with the command `pulumi-keycard` and one empty stack; `program` is a folder to copy. */
export async function openShellProject(
  env: Record<string, string> = {},
  program?: string,
): Promise<ShellProject> {
  const project = await makeProject(program);
  const bin = join(project.folder, "node_modules", ".bin");
  await mkdir(bin);
  await symlink(resolve(__dirname, "../../../dist/provider/cli/index.js"), join(bin, "pulumi-keycard"));
  const sh = shellIn(project.folder, env);
  const run = orFail(sh);
  await run(`pulumi stack init ${stackName}`);
  return { ...project, sh, run };
}

/** Opens an emulator and a project that is configured for it, before each test. What it returns stands for the current ones. */
export function useShellProject(): { emulator: Emulator; project: ShellProject } {
  const current = {} as { emulator: Emulator; project: ShellProject };
  beforeEach(async () => {
    current.emulator = await startEmulator();
    current.project = await openShellProject();
    await configureStack(current.project.run, current.emulator, current.emulator.organizationId);
  }, 120_000);
  afterEach(async () => {
    await current.emulator.close();
    await current.project.remove();
  });
  const standFor = <Key extends keyof typeof current>(key: Key) =>
    new Proxy({} as (typeof current)[Key], { get: (_, name) => Reflect.get(current[key], name) as unknown });
  return { emulator: standFor("emulator"), project: standFor("project") };
}
