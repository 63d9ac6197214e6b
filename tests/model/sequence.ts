/** A sequence is plain data, so that it can be shrunk, printed and played again. */
import type { FaultRule, OperationId } from "pulumi-keycard/emulator";

/** The texts of an account or a credential; several objects may share them. */
export interface Texts {
  name: string;
  description?: string;
}

/** The inputs of a `RotatingCredential` that make it rotate. */
export interface Rotating {
  /** A value in `rotateWhenChanged`. */
  trigger: string;
  rotateAfter?: string;
}

/** A credential names its account; with `rotating`, it is a `RotatingCredential`. */
export type Credential = Texts & { account: string; rotating?: Rotating };

/** A program: its resources by logical name. */
export interface Program {
  accounts: Record<string, Texts & { adopt?: string }>;
  credentials: Record<string, Credential>;
}

/** Returns the arguments by which a credential rotates. */
export function rotationArgs({ rotating }: Credential): Record<string, unknown> {
  if (!rotating) return {};
  const { trigger, rotateAfter } = rotating;
  return { rotateWhenChanged: { trigger }, ...(rotateAfter === undefined ? {} : { rotateAfter }) };
}

/** Changes the triggers of all credentials. */
export function withOtherTriggers(program: Program): Program {
  const credentials = Object.entries(program.credentials).map(([key, credential]) => {
    const { rotating } = credential;
    if (!rotating) return [key, credential];
    return [key, { ...credential, rotating: { ...rotating, trigger: `${rotating.trigger}+` } }];
  });
  return { ...program, credentials: Object.fromEntries(credentials) as Program["credentials"] };
}

/** A change of one of the stack's resources behind Pulumi's back. `target` is its index in the state, modulo their number. */
export type ByHand = { target: number } & ({ set: Texts } | { delete: true });

/** An object that somebody else creates: an account, or a credential of the account with this index, modulo their number. */
export type ExternalObject = Texts & { credentialOf?: number };

/** `kill -9` after Keycard has executed a call and before its response is read. */
export interface Kill {
  victim: "engine" | "host";
  operation: OperationId;
  /** Number of earlier calls of the operation. */
  after: number;
}

/** One `up`, which may fail, with its faults and the changes before it. */
export interface Round {
  /** Days by which Keycard's clock moves forward first. */
  days?: number;
  /** Rotates all credentials of the program that can rotate. */
  rotate?: boolean;
  /** Default: the previous program. */
  program?: Program;
  byHand: ByHand[];
  external: ExternalObject[];
  faults: FaultRule[];
  /** Refreshes first, with the same faults. */
  refresh: boolean;
  kill?: Kill;
}

/** The rounds; an `up` without faults follows them. */
export type Sequence = Round[];

/** Milliseconds until a call of the provider times out. */
export const timeout = 1000;
