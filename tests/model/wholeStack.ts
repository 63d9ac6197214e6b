import { openEngine } from "../engine";
import type { Engine, Outcome } from "../engine";
import { decrypted } from "../engine/decrypted";
import type { StoredResource } from "../engine/decrypted";
import { makeProject } from "../engine/project";
import type { Project } from "../engine/project";
import type { Provider } from "../support/provider";
import type { PlayedStack } from "./play";
import { rotationArgs } from "./sequence";
import type { Texts, Program } from "./sequence";

/** A stack whose programs run, on the chosen engine. */
export class WholeStack implements PlayedStack {
  private constructor(
    private readonly project: Project,
    private readonly engine: Engine,
  ) {}

  static async open(provider: Provider): Promise<WholeStack> {
    const project = await makeProject();
    const env = { PROVIDER: provider };
    return new WholeStack(project, await openEngine({ projectDir: project.folder, env }));
  }

  setConfig(key: string, value: string, options?: { secret?: boolean }): Promise<void> {
    return this.engine.setConfig(key, value, options);
  }

  /** @throws {@link EngineError} */
  async up(program: Program): Promise<Outcome> {
    await this.project.declare(written(program));
    return this.engine.up();
  }

  refresh(): Promise<Outcome> {
    return this.engine.refresh();
  }

  async resources(): Promise<StoredResource[]> {
    return decrypted(await this.engine.export());
  }

  kill(): void {
    throw new Error("not supported");
  }

  async close(): Promise<void> {
    await this.engine.close();
    await this.project.remove();
  }
}

/** Converts a program into the notation of `program/index.js`. */
export function written({ accounts, credentials }: Program): Parameters<Project["declare"]>[0] {
  const declare = (type: string, key: string, args: Texts) => [key, { type, args: { ...args } }] as const;
  const declared = [
    ...Object.entries(accounts).map(([key, texts]) => declare("ServiceAccount", key, texts)),
    ...Object.entries(credentials).map(([key, credential]) => {
      const { account, rotating, ...texts } = credential;
      const args = { ...texts, ...rotationArgs(credential), serviceAccountId: `\${${account}.id}` };
      return declare(rotating ? "RotatingCredential" : "ServiceAccountCredential", key, args);
    }),
  ];
  return { resources: Object.fromEntries(declared) };
}
