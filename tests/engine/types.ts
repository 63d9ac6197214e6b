/** One operation on one resource, named as Pulumi names it. */
export interface Step {
  /** `same`, `create`, `update`, `create-replacement`, `replace`, `delete-replaced`, `delete`, `read`, … */
  op: string;
  urn: string;
  type: string;
  name: string;
  /** The step was tried and did not succeed. */
  failed?: true;
  /** For what changes: the inputs that differ, each as it was and as it becomes; secrets are masked. */
  diff?: Record<string, [before: unknown, after: unknown]>;
}

/** Something that was told to the user. */
export interface Diagnostic {
  severity: "info" | "warning" | "error";
  message: string;
  /** The resource it is about; without one it is about the stack. */
  urn?: string;
}

/** What an operation did. */
export interface Outcome {
  /** In the order in which they were started; independent ones in any order. Default providers are left out. */
  steps: Step[];
  /** How many resources met which fate, counted as Pulumi's summary counts. */
  changes: Record<string, number>;
  /** The stack's outputs after an `up`, secrets in clear; empty after anything else. */
  outputs: Record<string, { value: unknown; secret: boolean }>;
  diagnostics: Diagnostic[];
}

/** A stack's state in Pulumi's deployment format, as `pulumi stack export` writes it. */
export interface Deployment {
  version: number;
  deployment: {
    manifest: Record<string, unknown>;
    secrets_providers?: { type: string; state?: Record<string, unknown> };
    resources?: ResourceState[];
    pending_operations?: PendingOperation[];
    [more: string]: unknown;
  };
}

/** What was being done when the state was written, and the resource as it was to be, or to be deleted. */
export interface PendingOperation<Resource = ResourceState> {
  resource: Resource;
  type: "creating" | "updating" | "deleting" | "reading";
}

/** A resource in a {@link Deployment}, with what tests look at by name. */
export interface ResourceState {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  parent?: string;
  /** URN and ID of the provider's own record. */
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  additionalSecretOutputs?: string[];
  /** The option of that name: another value of it replaces the resource. */
  replacementTrigger?: unknown;
  /** What went wrong with it after it was made. */
  initErrors?: string[];
  created?: string;
  modified?: string;
  /** Read for the program with the option `id`, and not managed. */
  external?: boolean;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  /** Deleted, and still to be replaced. */
  pendingReplacement?: boolean;
  /** The option of that name: it is neither deleted nor replaced. */
  protect?: boolean;
}

/** An operation that ended with an error; its message is what the user was told. */
export class EngineError extends Error {
  /** @param outcome what was done and told until it failed */
  constructor(
    operation: string,
    readonly outcome: Outcome,
    details = "",
  ) {
    const told = outcome.diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message);
    super(`${operation} failed: ${[...told, details].filter(Boolean).join("\n")}`);
    this.name = "EngineError";
  }
}

/** One stack of one project, and the operations on it. They may not overlap. */
export interface Engine {
  readonly name: "pulumi" | "stand-in";
  /** The version of the engine that runs: the CLI's, or for the stand-in the one of `@pulumi/pulumi`. */
  readonly version: string;
  /** The folder with every file that holds state: the state, its backups and its history. */
  readonly stateFolder: string;
  /** Runs the program and makes what it declares. @throws {@link EngineError} */
  up(): Promise<Outcome>;
  /** Runs the program and tells what {@link up} would do. @throws {@link EngineError} */
  preview(): Promise<Outcome>;
  /** Reads every resource and takes what is found into the state. @throws {@link EngineError} */
  refresh(): Promise<Outcome>;
  /** Deletes everything. @throws {@link EngineError} */
  destroy(): Promise<Outcome>;
  /** The state, secrets encrypted under {@link passphrase}. */
  export(): Promise<Deployment>;
  /** Replaces the state. */
  import(deployment: Deployment): Promise<void>;
  /** Sets configuration, as `pulumi config set`. @param key such as `keycard:endpoint` */
  setConfig(key: string, value: string, options?: { secret?: boolean }): Promise<void>;
  /**
   * Does what Ctrl-C does to a running operation: it begins no step any more, ends those that it has begun, and then rejects
   * with an {@link EngineError}. What was made is in the state. Resolves when the engine has taken notice.
   */
  interrupt(): Promise<void>;
  /**
   * Kills the engine and all of its processes in the middle of a running `up` or `destroy`, which then rejects with an
   * {@link EngineError}. Resolves when they are gone, and the next operation can start from the state as it was last
   * written.
   */
  kill(): Promise<void>;
  /** Ends what is still running and removes the engine's files. What the stack holds is not destroyed. */
  close(): Promise<void>;
}

/** Where a stack's program is, and what it is given. */
export interface EngineOptions {
  /** The folder with `Pulumi.yaml`. Nothing is written there. */
  projectDir: string;
  /** Variables for the program and the provider, beside those of this process. */
  env?: Record<string, string>;
  /** Is given each line that the engine has for the user, the first of which says which engine it is. */
  log?: (line: string) => void;
}

/** The stack's name, the same in every test, since names are part of every URN. */
export const stackName = "test";

/** Encrypts the secrets in every state that tests make, so that a state recorded once can be imported later. */
export const passphrase = "of tests only";
