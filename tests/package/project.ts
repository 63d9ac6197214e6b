/** Projects as users have them: a folder with the package installed from its tarball. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export const checkout = path.join(__dirname, "../..");

interface Run {
  stdout: string;
  stderr: string;
}

/** Runs a command in a folder. @throws Error with its output if it fails */
export async function command(cwd: string, file: string, ...args: string[]): Promise<Run> {
  return run(file, args, { cwd, maxBuffer: 64 * 1024 * 1024 }).catch((error: Error & Partial<Run>) => {
    throw new Error(`${error.message}\n${error.stdout ?? ""}`);
  });
}

/** Returns what a pattern captures in a page of the checkout. */
export async function pageOf(file: string, pattern: RegExp): Promise<string> {
  return String(pattern.exec(await readFile(path.join(checkout, file), "utf8"))?.[1]);
}

/** Packs the built checkout as `npm publish` does. Returns the tarball's path. */
export async function pack(folder: string): Promise<string> {
  await command(checkout, "npm", "pack", "--ignore-scripts", "--pack-destination", folder);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack created no tarball");
  return path.join(folder, tarball);
}

export async function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "pulumi-keycard-"));
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Writes a project's files; objects are written as JSON. */
export async function writeFiles(folder: string, files: Record<string, string | object>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }
}

export async function install(folder: string, ...packages: string[]): Promise<void> {
  await command(folder, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages);
}
