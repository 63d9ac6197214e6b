/** What a comparison tells. */

/**
 * The kinds of finding, the most telling first: what is of several kinds is told once, as the first of them. What an interrupted
 * update left may well be why something else is not as it should be.
 */
export const KINDS = [
  "interrupted",
  "missing",
  "changed",
  "unmanaged-account",
  "unmanaged-credential",
  "stale",
] as const;

export type Kind = (typeof KINDS)[number];

/** Where a stack has something. */
export interface Declaration {
  /** Where the state was read, for messages. */
  readonly source: string;
  readonly stack?: string;
  readonly project?: string;
  readonly urn: string;
  /** The resource's name in the program. */
  readonly resource: string;
}

/** A property that differs; null where there is none. */
export interface Change {
  readonly property: string;
  readonly inStack: string | null;
  readonly atKeycard: string | null;
}

/** Something that can be done about a finding, mostly with a line of TypeScript, or a command. */
export interface Remedy {
  /** What it does, to stand before the code; nobody else's text. */
  readonly what: string;
  readonly language?: "typescript" | "shell";
  /** Comes with its language. */
  readonly code?: string;
}

/** Something that is not as the stacks say. */
export interface Finding {
  readonly kind: Kind;
  readonly thing: "account" | "credential";
  /** Its name at Keycard, or in the stack where it is not there. */
  readonly name: string;
  /** Keycard's ID; absent where it is not known what it would be. */
  readonly id?: string;
  /** Of a credential: its account, with its name at Keycard, or in the stack where it is not there. */
  readonly account?: { readonly id: string; readonly name?: string };
  /** The organization, by the ID or label by which it was read. */
  readonly organizationId?: string;
  /** Of a credential that is at Keycard. */
  readonly clientId?: string;
  /** RFC 3339, UTC; of what is at Keycard. */
  readonly createdAt?: string;
  /** RFC 3339, UTC; of a credential that has signed in. */
  readonly lastUsedAt?: string;
  /** The stack's resource that it is about. */
  readonly declared?: Declaration;
  /** Of what is `changed`, or was being changed. */
  readonly changes?: readonly Change[];
  /** What is the matter, in a sentence. */
  readonly reason: string;
  readonly remedies: readonly Remedy[];
}

/** What could not be compared, because the program made it secret: the state has it only encrypted. */
export interface Uncompared {
  readonly declared: Declaration;
  readonly properties: readonly string[];
}

/** All that a comparison found. */
export interface Drift {
  /** What was compared. */
  readonly compared: {
    readonly stacks: readonly {
      readonly source: string;
      readonly stack?: string;
      readonly project?: string;
      /** Of ours; without what was only read. */
      readonly resources: number;
    }[];
    /** By the ID or label by which each was read. */
    readonly organizations: readonly string[];
    /** At Keycard. */
    readonly accounts: number;
    /** At Keycard, of the accounts that the stacks have something to do with. */
    readonly credentials: number;
  };
  /** Ordered by kind, organization, account, name and ID. */
  readonly findings: readonly Finding[];
  readonly uncompared: readonly Uncompared[];
}
