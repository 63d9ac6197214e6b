import type { Setting } from "../engine/standIn/operation";
import { Update } from "../engine/standIn/update";
import type { Provider } from "../support/provider";
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
    private readonly host: Provider,
  ) {
    super(setting);
  }

  protected override async runProgram(): Promise<void> {
    const declared = declare(this.declared, this.setting.stack, this.requests(), this.host);
    await Promise.race([declared, this.ended]);
  }
}
