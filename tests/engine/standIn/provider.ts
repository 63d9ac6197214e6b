import type { Properties } from "../values";

/** What a provider found wrong with one input, or, without a property, with all of them. */
export interface CheckFailure {
  property: string;
  reason: string;
}

/** What changed inputs mean for a resource that exists. */
export interface Diff {
  changes: boolean;
  /** The inputs that can only change by replacing it. */
  replaces: string[];
}

/** A resource as its provider finds it. */
export interface Live {
  /** Empty if there is none. */
  id: string;
  /** Absent from a provider that does not derive inputs from what it reads. */
  inputs?: Properties;
  outputs: Properties;
}

/** What makes a kind of resources, in Pulumi's terms. Values are plain: secrets are not marked as such. */
export interface Provider {
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
  create(urn: string, inputs: Properties): Promise<Live>;
  read(urn: string, id: string, inputs: Properties, outputs: Properties): Promise<Live>;
  /** @throws {@link InitError} if it was changed and something else went wrong */
  update(
    urn: string,
    id: string,
    oldInputs: Properties,
    oldOutputs: Properties,
    news: Properties,
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
