import type { KeycardAPI } from "../../sdk";
import type { Memory } from "../session/memory";

/** What operations need to know of the world: who to ask, and which organization is meant where none is named. */
export interface Keycard {
  readonly client: KeycardAPI;
  /** Default for the input `organizationId`: an organization's ID or its label. */
  readonly organizationId: string | undefined;
  readonly memory: Memory;
  /** Tells the person at Pulumi something that is no error. */
  tell(message: string): void;
}

export interface Checked {
  /** The inputs with their defaults; not to be used where there are failures. */
  inputs: Record<string, unknown>;
  /** Sentences that name an input and say what would be right. None repeats a value: it may be a secret. */
  failures: string[];
}

export interface Difference {
  changes: boolean;
  /** The inputs whose change needs a new resource. */
  replaces: string[];
}

/** A resource as it is after an operation. `outs` is the whole new state: what it leaves out is lost. */
export interface Created<State> {
  id: string;
  outs: State;
}

/** What is found at Keycard, as state and as the inputs that would make it; or nothing, for what is gone. */
export interface Found<Inputs, State> {
  id: string;
  props: State;
  inputs: Inputs;
}

/**
 * The life of one type of resource, as plain functions over plain values. They know nothing of who calls them: today
 * that is Pulumi's dynamic provider host (`host.ts`).
 */
export interface Operations<Inputs, State> {
  /** Refuses bad input, all of it at once, before any call is made. */
  check(news: Record<string, unknown>, organizationId: string | undefined): Checked;
  /**
   * Looks ahead, after inputs were found right and before Pulumi decides what to do: gives the reasons why it cannot be done, and tells
   * what the inputs of a new resource do not show.
   */
  prepare?(inputs: Inputs, isNew: boolean, keycard: Keycard): Promise<string[]>;
  /** Compares inputs only: what Keycard sets by itself, such as `updatedAt`, is no difference. */
  diff(id: string, olds: State, news: Inputs, keycard: Keycard): Promise<Difference>;
  create(inputs: Inputs, keycard: Keycard): Promise<Created<State>>;
  /** `undefined` where the resource is gone; anything else that goes wrong is thrown. */
  read(id: string, state: Partial<State>, keycard: Keycard): Promise<Found<Inputs, State> | undefined>;
  update(id: string, olds: State, news: Inputs, keycard: Keycard): Promise<State>;
  /** Succeeds where the resource is gone already. */
  delete(id: string, state: State, keycard: Keycard): Promise<void>;
}
