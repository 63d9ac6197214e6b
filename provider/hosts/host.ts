/** What all hosts share: the operations of each type, one client for all of them, and errors that say what to do. */
import type { Logger } from "../../sdk";
import { withAdvice } from "../errors";
import { exclusiveCredentials } from "../resources/exclusiveCredentials";
import type { CheckResult } from "../resources/inputs";
import type { ResourceOperations } from "../resources/operations";
import { withRenamedOrganization } from "../resources/renamedOrganization";
import type { ResourceType } from "../resources/resourceTypes";
import { rotatingCredential } from "../resources/rotatingCredential";
import { serviceAccount } from "../resources/serviceAccount";
import { serviceAccountCredential } from "../resources/serviceAccountCredential";
import { Session } from "../session/context";
import type { ProviderContext } from "../session/context";
import { defaultOrganizationId, keycardFrom } from "../session/settings";
import type { Config } from "../session/settings";
import { tracked } from "../session/tracked";
import { forResource } from "./sharedErrors";

/** A resource's properties as the engine sends them. */
export type Properties = Record<string, unknown>;

/** A resource's operations for a host, which does not know what its properties mean. */
export type AnyOperations = ResourceOperations<Properties, Properties>;

export const operationsOf: Record<ResourceType, AnyOperations> = {
  ServiceAccount: generic(tracked(withRenamedOrganization(serviceAccount))),
  ServiceAccountCredential: generic(tracked(withRenamedOrganization(serviceAccountCredential))),
  RotatingCredential: generic(tracked(withRenamedOrganization(rotatingCredential))),
  ExclusiveCredentials: generic(tracked(withRenamedOrganization(exclusiveCredentials))),
};

/** The engine passes on only checked inputs, and states that the same operations have returned. */
function generic<Inputs, State>(operations: ResourceOperations<Inputs, State>): AnyOperations {
  return operations as unknown as AnyOperations;
}

/** One process serves one operation on one stack, so all its resources share a client, its token and its rate limit. */
export class Host {
  config: Config = { get: () => undefined };
  #context: ProviderContext | undefined;
  readonly #session = new Session();
  readonly #shown = new Set<string>();

  /**
   * @param show shows the user a message: about the resource of the current call, or with `stack` about all resources
   * @param logger receives the client's log; default: standard error
   */
  constructor(
    private readonly show: (message: string, subject: "resource" | "stack") => void,
    private readonly logger?: Logger,
  ) {}

  /** Connects on first use, because an engine need not wait for the end of `configure`. */
  get context(): ProviderContext {
    return (this.#context ??= {
      ...this.#session,
      ...keycardFrom(this.config, this.logger),
      logInfo: (message) => this.#showOnce("resource", message, message),
    });
  }

  /** Checks a resource's inputs, and the settings: both are reported in the preview already. */
  async check(
    operations: AnyOperations,
    news: Properties,
    stage: { exists: boolean; isPreview: boolean },
  ): Promise<CheckResult> {
    const { inputs, failures } = operations.check(news, defaultOrganizationId(this.config));
    const all = [...failures, ...this.#settingsFailures()];
    if (all.length > 0) return { inputs, failures: all };
    const validate = async () => operations.validateRemote?.(inputs, stage, this.context) ?? [];
    return { inputs, failures: await this.withAdvice(validate) };
  }

  /**
   * Runs an operation. An error says what to do; one whose cause is common to all resources is shown once.
   *
   * @param isCreate the resource does not exist yet
   */
  async withAdvice<Result>(operation: () => Promise<Result>, isCreate = false): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      throw forResource(withAdvice(error, isCreate), this.#showShared);
    }
  }

  #settingsFailures(): string[] {
    try {
      void this.context;
      return [];
    } catch (error) {
      return [(forResource(error, this.#showShared) as Error).message];
    }
  }

  /** The engine may call `diff` several times; a message is shown once. */
  #showOnce(subject: "resource" | "stack", key: string, message: string): void {
    if (this.#shown.has(key)) return;
    this.#shown.add(key);
    this.show(message, subject);
  }

  readonly #showShared = (key: string, message: string): void => this.#showOnce("stack", key, message);
}
