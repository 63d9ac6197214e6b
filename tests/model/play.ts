/** Plays a sequence, and then holds what is at Keycard and in the state against what must be there. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import type { Engine, Outcome } from "../engine";
import { EngineError } from "../engine";
import { configure } from "../engine/keycard";
import type { StoredResource } from "../engine/decrypted";
import {
  declarations,
  expectNothingDone,
  expectNothingTold,
  expectSettled,
  isOurs,
  nameOf,
} from "./expected";
import { Keycard } from "./keycard";
import type { Thing } from "./keycard";
import { leftBy } from "./kills";
import type { KilledUp } from "./kills";
import type { ByHand, Kill, Program, Round, Sequence, Stranger } from "./sequence";
import { timeout } from "./sequence";
import type { Statistics } from "./statistics";
import { watch } from "./traffic";

/** A stack, on whatever engine. */
export interface PlayedStack extends Pick<Engine, "setConfig" | "refresh" | "close"> {
  /** @throws {@link EngineError} */
  up(program: Program): Promise<Outcome>;
  /** What the state holds, secrets in clear. */
  resources(): Promise<StoredResource[]>;
  /** Kills what is running: the provider host, or the engine. */
  kill(victim: Kill["victim"]): void;
}

/**
 * Plays a sequence, anew where it fails and this process stood still meanwhile: then the provider may have given up a call before
 * the emulator, which is in this process, acted on it. That is beyond what anybody can decide.
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
      statistics.add("sequences played again after a standstill");
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

/** What an operation did, and whether it came to a good end. */
interface Tried {
  outcome: Outcome;
  failed: boolean;
}

class Player {
  private program: Program = { accounts: {}, credentials: {} };
  private readonly strangers: Thing[] = [];
  /** What kills left at Keycard, which no state knows. */
  private left: Thing[] = [];
  private readonly told: string[] = [];
  /** Something was changed behind Pulumi's back, and no refresh has noticed yet. */
  private drifted = false;
  /** What was declared of the resources of which a step was broken off, so that only Keycard knows whether it was done. */
  private readonly brokenOff = new Map<string, string | undefined>();

  constructor(
    private readonly keycard: Keycard,
    private readonly stack: PlayedStack,
    private readonly statistics: Statistics,
  ) {}

  async play({ program, byHand, strangers, faults, refresh, kill }: Round): Promise<void> {
    this.program = program ?? this.program;
    for (const change of byHand) await this.changeByHand(change);
    if (strangers.length > 0 || kill) await this.outlastUnsettled();
    for (const stranger of strangers) await this.meet(stranger);
    const before = kill ? await this.keycard.things() : [];
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
    if (killed) await this.noteLeft({ ...tried, before, stateBefore });
    await this.noteBrokenOff(tried, killed);
    this.statistics.addUp(tried.outcome, tried.failed, (await this.keycard.requests()).slice(length));
  }

  /** With nothing in the way, one `up` brings everything in order, and another has nothing left to do. */
  async finish(): Promise<void> {
    const now = declarations(this.program);
    const undone = [...this.brokenOff].some(([name, declared]) => now.get(name) !== declared);
    if (this.drifted || undone) await this.stack.refresh();
    await this.adoptLeft();
    await this.stack.up(this.program);
    const state = await this.stack.resources();
    await expectSettled(this.program, state, [...this.strangers, ...this.left], this.keycard);
    expectNothingTold(state, this.told);
    await this.keycard.clean(this.left.splice(0));
    const { length } = await this.keycard.requests();
    await expectNothingDone(await this.stack.up(this.program), this.keycard, length);
    this.statistics.add("sequences");
  }

  /** Lets the program take over what kills left of the accounts that it declares. */
  private async adoptLeft(): Promise<void> {
    const there = new Set((await this.stack.resources()).map(({ urn }) => nameOf(urn)));
    const missing = Object.entries(this.program.accounts).filter(([name]) => !there.has(name));
    const accounts = this.left.filter(({ accountId }) => accountId === undefined).slice(0, missing.length);
    const adopting = accounts.map(({ id }, index) => {
      const [name, look] = missing[index] as (typeof missing)[number];
      return [name, { ...look, adopt: id }] as const;
    });
    this.program = {
      ...this.program,
      accounts: { ...this.program.accounts, ...Object.fromEntries(adopting) },
    };
    this.left = this.left.filter((thing) => !accounts.includes(thing));
    this.statistics.add("accounts that were left and taken over", accounts.length);
  }

  private async noteBrokenOff({ outcome: { steps } }: Tried, killed: boolean): Promise<void> {
    const now = declarations(this.program);
    const there = new Set((await this.stack.resources()).map(({ urn }) => urn));
    for (const { op, urn, name, failed } of steps) {
      if (op === "delete" ? there.has(urn) : op === "update" && killed)
        this.brokenOff.set(name, now.get(name));
      else if (!failed && (op === "delete" || op === "update")) this.brokenOff.delete(name);
    }
  }

  private async noteLeft(before: Pick<KilledUp, "outcome" | "before" | "stateBefore">): Promise<void> {
    // Nobody tells when Keycard has done what a host that is gone asked for.
    await setTimeout(50);
    const state = (await this.stack.resources()).filter(isOurs);
    const killed = { ...before, program: this.program, state };
    const left = leftBy(killed, await this.keycard.things());
    this.left.push(...left);
    this.statistics.add("kills");
    if (left.length > 0) this.statistics.add("kills that left something");
  }

  private watchFor(kill: Kill | undefined, killed: () => void): () => void {
    if (!kill) return () => undefined;
    return watch(this.keycard.emulator.endpoint, kill, () => {
      killed();
      this.stack.kill(kill.victim);
    });
  }

  /** Of what is made within two seconds of a create that is still unsettled, nobody can say which is which. */
  private async outlastUnsettled(): Promise<void> {
    const state = await this.stack.resources();
    if (state.some(({ outputs }) => "pendingVerification" in outputs)) await setTimeout(2200);
  }

  /** Lets somebody else make something; for an account of theirs or of the stack, not for one that nobody knows of. */
  private async meet(stranger: Stranger): Promise<void> {
    const there = (await this.keycard.things()).filter(({ accountId }) => accountId === undefined);
    const known = new Set([...this.strangers, ...(await this.stack.resources())].map(({ id }) => id));
    const accounts = there.map(({ id }) => id).filter((id) => known.has(id));
    const made = await this.keycard.make(stranger, accounts);
    if (made) this.strangers.push(made);
  }

  private async changeByHand(change: ByHand): Promise<void> {
    const there = new Set((await this.keycard.things()).map(({ id }) => id));
    const ours = (await this.stack.resources()).filter(({ id = "" }) => there.has(id));
    const target = ours[change.target % ours.length];
    if (!target) return;
    const { id = "", outputs } = target;
    const { serviceAccountId: accountId } = outputs as { serviceAccountId?: string };
    const thing = { id, ...(accountId && { accountId }) };
    if ("set" in change) await this.keycard.change(thing, change.set);
    else await this.keycard.delete(thing);
    this.drifted = true;
  }

  /** Does what may fail. */
  private async attempt(operation: () => Promise<Outcome>): Promise<Tried> {
    const tried = await operation().then(
      (outcome) => ({ outcome, failed: false }),
      (error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        return { outcome: error.outcome, failed: true };
      },
    );
    this.told.push(...tried.outcome.diagnostics.map(({ message }) => message));
    return tried;
  }
}
