import type { ProviderContext } from "../session/context";
import type { CheckResult, Rules } from "./inputs";

export interface DiffResult {
  changes: boolean;
  /** The inputs whose change requires a replacement. */
  replaces: string[];
  /** The outputs that an update changes to values which only the update itself knows. */
  affected?: readonly string[];
}

/** A resource after its creation. `outs` is the complete new state: Pulumi forgets every field that it omits. */
export interface CreateResult<State> {
  id: string;
  outs: State;
}

/** The lifecycle of one type of resource, as plain functions over plain values. They know nothing of the host that calls them. */
export interface ResourceOperations<Inputs, State> {
  /** The rules of all inputs. */
  readonly inputRules: Rules;
  /** The rules of those inputs that the state holds, too. */
  readonly rules: Rules;
  /** The names of the properties that Keycard sets. */
  readonly outputs: readonly string[];
  /** The names of the properties that are secret, whatever the program says. */
  readonly secrets: string[];
  /** Returns the IDs of the resource's objects at Keycard; by default, the resource's own ID. */
  objectIds?(id: string, state: Partial<State>): string[];
  /** Returns the ID and the inputs that an ID for `pulumi import` stands for; by default, it is the resource's own ID. */
  parseImportId?(id: string): { id: string; inputs: Partial<State> };
  /** Reports all bad input at once, before any call. */
  check(news: Record<string, unknown>, organizationId: string | undefined): CheckResult;
  /**
   * Runs after a successful check, in previews too: returns the reasons why the operation cannot succeed, and reports what
   * the inputs of a new resource do not show.
   *
   * @param stage.exists false for a resource that is to be created, or replaced
   * @param stage.isPreview known only for a resource with the input `adopt`
   */
  validateRemote?(
    inputs: Inputs,
    stage: { exists: boolean; isPreview: boolean },
    context: ProviderContext,
  ): Promise<string[]>;
  /** Compares inputs only: a change by Keycard itself, such as of `updatedAt`, is no difference. */
  diff(id: string, olds: State, news: Inputs, context: ProviderContext): Promise<DiffResult>;
  create(inputs: Inputs, context: ProviderContext): Promise<CreateResult<State>>;
  /** Returns the new state, `undefined` if the object is deleted; throws every other failure. */
  read(id: string, state: Partial<State>, context: ProviderContext): Promise<State | undefined>;
  update(id: string, olds: State, news: Inputs, context: ProviderContext): Promise<State>;
  /** Succeeds if the object is deleted already. */
  delete(id: string, state: State, context: ProviderContext): Promise<void>;
}
