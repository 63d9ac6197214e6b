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

/** A message to the user. */
export interface Diagnostic {
  severity: "info" | "warning" | "error";
  message: string;
  /** The resource; absent for a message about the stack. */
  urn?: string;
}

/** The result of an operation. */
export interface Outcome {
  /** In the order of their start; independent steps in any order. Default providers are left out. */
  steps: Step[];
  /** Number of resources by operation, as in Pulumi's summary. */
  changes: Record<string, number>;
  /** The stack's outputs after an `up`, with decrypted secrets; empty after other operations. */
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

/** An operation that was running when the state was written, and its resource. */
export interface PendingOperation<Resource = ResourceState> {
  resource: Resource;
  type: "creating" | "updating" | "deleting" | "reading";
}

/** A resource in a {@link Deployment}, with the fields that tests use. */
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
  /** The option of this name: another value replaces the resource. */
  replacementTrigger?: unknown;
  /** The errors of its initialization. */
  initErrors?: string[];
  created?: string;
  modified?: string;
  /** Read for the program with the option `id`, and not managed. */
  external?: boolean;
  /** The ID in the option `import`. */
  importID?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  /** Deleted, and still to be replaced. */
  pendingReplacement?: boolean;
  /** The option of this name: the resource is neither deleted nor replaced. */
  protect?: boolean;
  /** The option of this name: Pulumi forgets the resource without deleting it. */
  retainOnDelete?: boolean;
}

/** A failed operation; the message contains its error diagnostics. */
export class EngineError extends Error {
  /** @param outcome the steps and diagnostics until it failed */
  constructor(
    operation: string,
    readonly outcome: Outcome,
    details = "",
  ) {
    const errors = outcome.diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message);
    super(`${operation} failed: ${[...errors, details].filter(Boolean).join("\n")}`);
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
  /** Runs the program, and applies it. @throws {@link EngineError} */
  up(): Promise<Outcome>;
  /** Runs the program, and reports what {@link up} would do. @throws {@link EngineError} */
  preview(): Promise<Outcome>;
  /** Reads all resources, and updates the state. @throws {@link EngineError} */
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
   * Interrupts a running operation as Ctrl-C does: it starts no further step, finishes the running ones, writes them into the state, and
   * rejects with an {@link EngineError}. Resolves when the engine has received the interruption.
   */
  interrupt(): Promise<void>;
  /**
   * Kills the engine with all its processes during an `up` or a `destroy`, which then rejects with an {@link EngineError}. Resolves when
   * they have ended and the next operation can start from the last written state.
   */
  kill(): Promise<void>;
  /** Ends a running operation, and removes the engine's files. Does not destroy the resources. */
  close(): Promise<void>;
}

/** A stack's program and its environment. */
export interface EngineOptions {
  /** The folder with `Pulumi.yaml`. Nothing is written into it. */
  projectDir: string;
  /** Variables for the program and the provider, beside those of this process. */
  env?: Record<string, string>;
  /** Receives each line for the user. The first one names the engine. */
  log?: (line: string) => void;
}

/** The stack's name, the same in every test, since names are part of every URN. */
export const stackName = "test";

/** Encrypts the secrets in all states of tests, so that a recorded state can be imported later. */
export const passphrase = "of tests only";
