import type { Setting } from "../engine/standIn/operation";
import { Update } from "../engine/standIn/update";
import { declare } from "./declare";
import type { Program } from "./sequence";

/** An update whose program does not run: its resources are registered directly. */
export class InMemoryUpdate extends Update {
  /** Stops the program, as the end of the engine does. */
  endProgram!: () => void;
  private readonly ended = new Promise<void>((resolve) => (this.endProgram = resolve));

  constructor(
    setting: Setting,
    private readonly declared: Program,
  ) {
    super(setting);
  }

  protected override async runProgram(): Promise<void> {
    const { project, name } = this.setting.stack;
    await Promise.race([declare(this.declared, `${project}-${name}`, this.requests()), this.ended]);
  }
}
