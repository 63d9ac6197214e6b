/** The report of a comparison, as `docs/drift.schema.json` describes it; JSON omits what is undefined. */

/**
 * The kinds of finding with their meanings, in the order of the report. An object is reported under the first kind that applies,
 * since what an interrupted update left may explain the rest.
 */
export const DESCRIPTIONS = {
  interrupted: "left by an interrupted update",
  shared: "managed by several resources, so that deleting one resource deletes the object of all of them",
  missing: "in a stack, but not at Keycard",
  changed: "differs from the stack's state",
  overdue: "the previous credential of a RotatingCredential, still in use after it was due to be revoked",
  "unmanaged-account":
    "accounts that no stack manages; `npx pulumi-keycard adopt` writes a program for all of them",
  "unmanaged-credential":
    "neither managed nor listed, in an account that a stack manages or has ExclusiveCredentials for",
  stale: "credentials that have not been used for a long time",
};

export type Kind = keyof typeof DESCRIPTIONS;

export const KINDS = Object.keys(DESCRIPTIONS) as readonly Kind[];

/** A resource's place in its stack. */
export interface Declaration {
  /** Where the state was read from. */
  readonly source: string;
  readonly stack?: string | undefined;
  readonly project?: string | undefined;
  readonly urn: string;
  /** The resource's logical name. */
  readonly resource: string;
}

/** A property that differs; null where it has no value. */
export interface Change {
  readonly property: string;
  readonly inStack: string | null;
  readonly atKeycard: string | null;
}

/** A way to resolve a finding. */
export interface Remedy {
  /** Describes the remedy. Contains no text from Keycard or from a state. */
  readonly what: string;
  readonly language?: "typescript" | "shell" | undefined;
  /** Set together with `language`. */
  readonly code?: string | undefined;
}

/** An object that differs from what the stacks contain. */
export interface Finding {
  readonly kind: Kind;
  readonly thing: "account" | "credential";
  /** The name at Keycard; of a missing object, the name in the stack. */
  readonly name: string;
  /** Keycard's ID, if known. */
  readonly id?: string | undefined;
  /** A credential's account, with its name at Keycard or else in the stack. */
  readonly account?: { readonly id: string; readonly name?: string | undefined } | undefined;
  /** ID or label of the organization, as it was read. */
  readonly organizationId?: string | undefined;
  /** Set for a credential at Keycard. */
  readonly clientId?: string | undefined;
  /** RFC 3339, UTC; set for an object at Keycard. */
  readonly createdAt?: string | undefined;
  /** RFC 3339, UTC; set for a credential that has signed in. */
  readonly lastUsedAt?: string | undefined;
  /** The resource that the finding is about. */
  readonly declared?: Declaration | undefined;
  /** Set for the kind `changed`, and for an interrupted update of a resource. */
  readonly changes?: readonly Change[] | undefined;
  /** Describes the finding in a sentence. */
  readonly reason: string;
  readonly remedies: readonly Remedy[];
}

/** Properties that could not be compared, because they are secret and so encrypted in the state. */
export interface Uncompared {
  readonly declared: Declaration;
  readonly properties: readonly string[];
}

/** The result of a comparison. */
export interface Drift {
  readonly compared: {
    readonly stacks: readonly {
      readonly source: string;
      readonly stack?: string | undefined;
      readonly project?: string | undefined;
      /** Number of Keycard resources, without those that are only read. */
      readonly resources: number;
    }[];
    /** IDs or labels, as they were read. */
    readonly organizations: readonly string[];
    /** Number of accounts at Keycard. */
    readonly accounts: number;
    /** Number of credentials at Keycard, of the accounts that the stacks name. */
    readonly credentials: number;
  };
  /** Ordered by kind, organization, account, name and ID. */
  readonly findings: readonly Finding[];
  /** Number of findings that the filter excludes. */
  readonly hidden: number;
  readonly uncompared: readonly Uncompared[];
}
