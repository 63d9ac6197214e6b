import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** What `program/index.js` declares; it explains the notation. */
export interface Program {
  resources: Record<
    string,
    {
      type: string;
      name?: string;
      id?: string;
      args?: Record<string, unknown>;
      options?: Record<string, unknown>;
    }
  >;
  exports?: Record<string, unknown>;
  /** Makes the program fail after it declared everything. */
  throws?: string;
}

/** A Pulumi project in a folder of its own, whose program declares what a test says. */
export interface Project {
  folder: string;
  /** Sets what the program declares from now on. */
  declare(program: Program): Promise<void>;
  remove(): Promise<void>;
}

const checkout = resolve(__dirname, "../..");

/** Makes a project that uses this checkout the way `npm install <folder>` links a package. */
export async function makeProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "keycard-project-"));
  await cp(join(__dirname, "program"), folder, { recursive: true });
  await mkdir(join(folder, "node_modules"));
  await symlink(checkout, join(folder, "node_modules", "pulumi-keycard"));
  await symlink(join(checkout, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  return {
    folder,
    declare: (program) => writeFile(join(folder, "resources.json"), JSON.stringify(program)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
