/** What a sequence is: nothing but data, so that it can be shrunk, printed and played again. */
import type { FaultRule, OperationId } from "pulumi-keycard/emulator";

/** What can be seen of an account or a credential, and what many of them have in common. */
export interface Look {
  name: string;
  description?: string;
}

/** A program, by the logical names of its resources. A credential names the account that it is for. */
export interface Program {
  accounts: Record<string, Look & { adopt?: string }>;
  credentials: Record<string, Look & { account: string }>;
}

/** Something done to one of the stack's resources behind Pulumi's back; which one: its place in the state, counted around. */
export type ByHand = { target: number } & ({ set: Look } | { delete: true });

/** Something that somebody else makes: an account, or a credential of one of the accounts that there are, counted around. */
export type Stranger = Look & { credentialOf?: number };

/** `kill -9`, in the moment in which Keycard has acted on a call and nobody has read the answer. */
export interface Kill {
  victim: "engine" | "host";
  operation: OperationId;
  /** How many calls of the operation are let through before. */
  after: number;
}

/** One `up`, which may fail, and what comes before it and gets in its way. */
export interface Round {
  /** Without one, it is the same as before. */
  program?: Program;
  byHand: ByHand[];
  strangers: Stranger[];
  faults: FaultRule[];
  /** Refreshes first, with the faults in the way already. */
  refresh: boolean;
  kill?: Kill;
}

/** The rounds; after them comes an `up` that nothing gets in the way of. */
export type Sequence = Round[];

/** Milliseconds after which the provider gives up a call. */
export const timeout = 1000;
