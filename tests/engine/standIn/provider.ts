import type { Properties } from "../values";

/** A rejected input; without a property, the failure concerns all inputs. */
export interface CheckFailure {
  property: string;
  reason: string;
}

/** The effect of changed inputs on an existing resource. */
export interface Diff {
  changes: boolean;
  /** The inputs whose change requires a replacement. */
  replaces: string[];
  /** The kind of change of each property that changes; only from native providers. */
  detailed?: Record<string, string>;
  /** The outputs that keep their values. */
  stables?: string[];
}

/** A resource as its provider returns it. */
export interface Live {
  /** Empty if the resource does not exist. */
  id: string;
  /** Absent from a provider that does not derive inputs from what it reads. */
  inputs?: Properties;
  outputs: Properties;
}

/** A resource provider, in Pulumi's terms. What it receives is plain: secrets are not marked. */
export interface Provider {
  /** Whether a preview calls `create` and `update`, too. */
  readonly supportsPreview: boolean;
  check(
    urn: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(
    urn: string,
    id: string,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
  ): Promise<Diff>;
  /** @throws {@link InitError} if it was created, but its initialization failed */
  create(urn: string, inputs: Properties, preview: boolean): Promise<Live>;
  read(urn: string, id: string, inputs: Properties, outputs: Properties): Promise<Live>;
  /** @throws {@link InitError} if it was updated, but its initialization failed */
  update(
    urn: string,
    id: string,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
    preview: boolean,
  ): Promise<Properties>;
  delete(urn: string, id: string, outputs: Properties): Promise<void>;
}

/** The initialization of a resource failed after its creation or update; the state keeps the resource. */
export class InitError extends Error {
  constructor(
    readonly live: Live,
    readonly reasons: string[],
  ) {
    const count = reasons.length === 1 ? "1 error" : `${reasons.length} errors`;
    super(`${count} occurred:\n${reasons.map((reason) => `\t* ${reason}`).join("\n")}`);
    this.name = "InitError";
  }
}
