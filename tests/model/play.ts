/** Plays a sequence, and then compares Keycard and the state with the program. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import type { Engine, Outcome } from "../engine";
import { EngineError } from "../engine";
import { configure } from "../engine/keycard";
import type { StoredResource } from "../engine/decrypted";
import { declarations, expectNoChanges, expectNoSecretPrinted, expectDeclared, nameOf } from "./expected";
import { Keycard } from "./keycard";
import type { RemoteObject } from "./keycard";
import { orphansOf } from "./orphans";
import type { KilledUp } from "./orphans";
import { isOurs, partsOf } from "./parts";
import type { ByHand, Kill, Program, Round, Sequence, ExternalObject } from "./sequence";
import { timeout, withOtherTriggers } from "./sequence";
import type { Statistics } from "./statistics";
import { watch } from "./traffic";

/** A stack on any engine. */
export interface PlayedStack extends Pick<Engine, "setConfig" | "refresh" | "close"> {
  /** @throws {@link EngineError} */
  up(program: Program): Promise<Outcome>;
  /** Returns the resources in the state, with decrypted secrets. */
  resources(): Promise<StoredResource[]>;
  /** Kills the provider host or the engine. */
  kill(victim: Kill["victim"]): void;
}

/**
 * Plays a sequence. Plays it again if it failed while this process was blocked: the emulator runs in this process, so a call may have
 * timed out before the emulator executed it, and the outcome would be undecidable.
 */
export async function play(
  sequence: Sequence,
  open: () => Promise<PlayedStack>,
  statistics: Statistics,
): Promise<void> {
  for (let left = 3; ; left--) {
    const delays = monitorEventLoopDelay();
    delays.enable();
    try {
      return await playOnce(sequence, open, statistics);
    } catch (error) {
      const longest = delays.max / 1e6;
      if (left === 0 || longest < timeout / 3) throw error;
      statistics.add("sequences played again after a blocked process");
    } finally {
      delays.disable();
    }
  }
}

async function playOnce(
  sequence: Sequence,
  open: () => Promise<PlayedStack>,
  statistics: Statistics,
): Promise<void> {
  const keycard = await Keycard.start();
  const stack = await open();
  try {
    await configure(stack, keycard.emulator);
    await stack.setConfig("keycard:timeout", String(timeout / 1000));
    const player = new Player(keycard, stack, statistics);
    for (const round of sequence) await player.play(round);
    await player.finish();
  } finally {
    await stack.close();
    await keycard.emulator.close();
  }
}

/** The outcome of an operation that may fail. */
interface Tried {
  outcome: Outcome;
  failed: boolean;
}

class Player {
  private program: Program = { accounts: {}, credentials: {} };
  private readonly external: RemoteObject[] = [];
  /** Objects that killed updates left at Keycard and in no state. */
  private orphans: RemoteObject[] = [];
  private readonly printed: string[] = [];
  /** Something was changed behind Pulumi's back since the last refresh. */
  private drifted = false;
  /** The declarations of resources whose step was interrupted, so that only Keycard knows if it was executed. */
  private readonly interrupted = new Map<string, string | undefined>();

  constructor(
    private readonly keycard: Keycard,
    private readonly stack: PlayedStack,
    private readonly statistics: Statistics,
  ) {}

  async play({ program, byHand, external, faults, refresh, kill, days, rotate }: Round): Promise<void> {
    this.program = program ?? this.program;
    if (rotate) this.program = withOtherTriggers(this.program);
    if (days) await this.keycard.advance(days);
    for (const change of byHand) await this.changeByHand(change);
    if (external.length > 0 || kill) await this.outlastPending();
    for (const externalObject of external) await this.createExternal(externalObject);
    const before = kill ? await this.keycard.objects() : [];
    const stateBefore = kill ? await this.stack.resources() : [];
    await this.keycard.addFaults(faults);

    let killed = false;
    const unwatch = this.watchFor(kill, () => (killed = true));
    if (refresh && !(await this.attempt(() => this.stack.refresh())).failed) this.drifted = false;
    const { length } = await this.keycard.requests();
    const tried = killed ? undefined : await this.attempt(() => this.stack.up(this.program));
    unwatch();
    await this.keycard.clearFaults();
    if (!tried) return;
    if (killed) await this.recordOrphans({ ...tried, before, stateBefore });
    await this.recordInterrupted(tried, killed);
    this.statistics.addUp(tried.outcome, tried.failed, (await this.keycard.requests()).slice(length));
  }

  /** Without faults, one `up` brings everything in order, and a second one changes nothing. */
  async finish(): Promise<void> {
    const now = declarations(this.program);
    const undone = [...this.interrupted].some(([name, declared]) => now.get(name) !== declared);
    if (this.drifted || undone) await this.stack.refresh();
    await this.adoptOrphans();
    await this.stack.up(this.program);
    const state = await this.stack.resources();
    await expectDeclared(this.program, state, [...this.external, ...this.orphans], this.keycard);
    expectNoSecretPrinted(state, this.printed);
    await this.keycard.clean(this.orphans.splice(0));
    const { length } = await this.keycard.requests();
    await expectNoChanges(await this.stack.up(this.program), this.keycard, length);
    this.statistics.add("sequences");
    for (const { outputs } of state)
      this.statistics.add("rotations", Math.max(0, Number(outputs["generation"] ?? 1) - 1));
  }

  /** Lets the program adopt the orphans of the accounts that it declares. */
  private async adoptOrphans(): Promise<void> {
    const existing = new Set((await this.stack.resources()).map(({ urn }) => nameOf(urn)));
    const missing = Object.entries(this.program.accounts).filter(([name]) => !existing.has(name));
    const accounts = this.orphans.filter(({ accountId }) => accountId === undefined).slice(0, missing.length);
    const adopting = accounts.map(({ id }, index) => {
      const [name, texts] = missing[index] as (typeof missing)[number];
      return [name, { ...texts, adopt: id }] as const;
    });
    this.program = {
      ...this.program,
      accounts: { ...this.program.accounts, ...Object.fromEntries(adopting) },
    };
    this.orphans = this.orphans.filter((object) => !accounts.includes(object));
    this.statistics.add("orphaned accounts that were adopted", accounts.length);
  }

  private async recordInterrupted({ outcome: { steps } }: Tried, killed: boolean): Promise<void> {
    const now = declarations(this.program);
    const existing = new Set((await this.stack.resources()).map(({ urn }) => urn));
    for (const { op, urn, name, failed } of steps) {
      if (op === "delete" ? existing.has(urn) : op === "update" && killed)
        this.interrupted.set(name, now.get(name));
      else if (!failed && (op === "delete" || op === "update")) this.interrupted.delete(name);
    }
  }

  private async recordOrphans(before: Pick<KilledUp, "outcome" | "before" | "stateBefore">): Promise<void> {
    // Keycard may still be executing the last request of a killed host.
    await setTimeout(50);
    const state = (await this.stack.resources()).filter(isOurs);
    const killed = { ...before, program: this.program, state };
    const orphans = orphansOf(killed, await this.keycard.objects());
    this.orphans.push(...orphans);
    this.statistics.add("kills");
    if (orphans.length > 0) this.statistics.add("kills that left orphans");
  }

  private watchFor(kill: Kill | undefined, killed: () => void): () => void {
    if (!kill) return () => undefined;
    return watch(this.keycard.emulator.endpoint, kill, () => {
      killed();
      this.stack.kill(kill.victim);
    });
  }

  /** Waits until new objects differ in time from those of a create that is pending verification. */
  private async outlastPending(): Promise<void> {
    const state = await this.stack.resources();
    if (state.some(({ outputs }) => "pendingVerification" in outputs)) await setTimeout(2200);
  }

  /** Lets somebody else create an object, but no credential for an orphaned account. */
  private async createExternal(externalObject: ExternalObject): Promise<void> {
    const existing = (await this.keycard.objects()).filter(({ accountId }) => accountId === undefined);
    const known = new Set([...this.external, ...(await this.stack.resources())].map(({ id }) => id));
    const accounts = existing.map(({ id }) => id).filter((id) => known.has(id));
    const created = await this.keycard.createExternal(externalObject, accounts);
    if (created) this.external.push(created);
  }

  private async changeByHand(change: ByHand): Promise<void> {
    const existing = new Set((await this.keycard.objects()).map(({ id }) => id));
    const ours = partsOf(await this.stack.resources()).filter(({ id }) => existing.has(id));
    const target = ours[change.target % ours.length];
    if (!target) return;
    const { id, accountId } = target;
    const object = { id, ...(accountId && { accountId }) };
    if ("set" in change) await this.keycard.change(object, change.set);
    else await this.keycard.delete(object);
    this.drifted = true;
  }

  /** Runs an operation that may fail. */
  private async attempt(operation: () => Promise<Outcome>): Promise<Tried> {
    const tried = await operation().then(
      (outcome) => ({ outcome, failed: false }),
      (error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        return { outcome: error.outcome, failed: true };
      },
    );
    this.printed.push(...tried.outcome.diagnostics.map(({ message }) => message));
    return tried;
  }
}
