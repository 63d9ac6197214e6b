import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The declarations of `program/index.js`, which explains the notation. */
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
  /** Makes the program fail after its declarations. */
  throws?: string;
  /** Default: what the variable `PROVIDER` names, else the dynamic one. */
  provider?: "native";
}

/** A Pulumi project in a temporary folder, whose declarations a test sets. */
export interface Project {
  folder: string;
  /** Sets the declarations of the program. */
  declare(program: Program): Promise<void>;
  remove(): Promise<void>;
}

const checkout = resolve(__dirname, "../..");

/** Creates a project that uses this checkout, linked as by `npm install <folder>`, with a copy of a program. */
export async function makeProject(program = join(__dirname, "program")): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "keycard-project-"));
  await cp(program, folder, { recursive: true });
  await mkdir(join(folder, "node_modules"));
  await symlink(checkout, join(folder, "node_modules", "pulumi-keycard"));
  await symlink(join(checkout, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  return {
    folder,
    declare: (program) => writeFile(join(folder, "resources.json"), JSON.stringify(program)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
