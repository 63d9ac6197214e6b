import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { EngineOptions } from "../types";
import type { Properties } from "../values";
import { secret } from "../values";
import { PLUGIN } from "./nativeHost";

interface ProjectFile {
  name: string;
  main?: string;
  runtime: string | { options?: { typescript?: boolean } };
}

/** A stack's program, configuration and environment. */
export class Stack {
  private readonly config = new Map<string, { value: string; secret: boolean }>();

  private constructor(
    readonly project: string,
    readonly name: string,
    /** The folder of the program's main; program and provider run in it. */
    readonly folder: string,
    /** The entry point in that folder. */
    readonly entry: string,
    private readonly typescript: boolean,
    private readonly extraEnv: Record<string, string>,
  ) {}

  static async read(options: EngineOptions, name: string): Promise<Stack> {
    const file = parse(await readFile(join(options.projectDir, "Pulumi.yaml"), "utf8")) as ProjectFile;
    const main = resolve(options.projectDir, file.main ?? ".");
    const [folder, entry] = statSync(main).isDirectory() ? [main, "."] : [dirname(main), basename(main)];
    const typescript = typeof file.runtime === "string" || file.runtime.options?.typescript !== false;
    return new Stack(file.name, name, folder, entry, typescript, options.env ?? {});
  }

  setConfig(key: string, value: string, isSecret: boolean): void {
    this.config.set(key, { value, secret: isSecret });
  }

  /** Returns the configuration as inputs of a package's provider: the one of dynamic resources gets all of it. */
  configInputs(name: string): Properties {
    const prefix = name === "pulumi-nodejs" ? "" : `${name}:`;
    const entries = [...this.config]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { value, secret: isSecret }]): [string, unknown] => [
        key.slice(prefix.length),
        isSecret ? secret({ value }) : value,
      ]);
    return Object.fromEntries(entries);
  }

  /** The environment of program and provider. */
  get env(): NodeJS.ProcessEnv {
    const values = [...this.config].map(([key, { value }]) => [key, value]);
    const secretKeys = [...this.config].filter(([, { secret: isSecret }]) => isSecret).map(([key]) => key);
    return {
      ...process.env,
      // The stand-in finds the native provider there.
      PATH: [process.env["PATH"], dirname(PLUGIN)].join(delimiter),
      ...this.extraEnv,
      PULUMI_NODEJS_PROJECT: this.project,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(values)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
      ...(this.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    };
  }

  urn(parent: string, type: string, name: string): string {
    const parentTypes = parent.split("::")[2] ?? "";
    const prefix = parentTypes === "" || parentTypes === rootType ? "" : `${parentTypes}$`;
    return `urn:pulumi:${this.name}::${this.project}::${prefix}${type}::${name}`;
  }
}

/** The type of the stack's own resource. */
export const rootType = "pulumi:pulumi:Stack";
