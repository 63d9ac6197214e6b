import { randomUUID } from "node:crypto";
import { NotFoundError } from "../../sdk";
import { InitializationError, ResourceError } from "../errors";
import type { ResourceOperations } from "../resources/operations";
import { undefinedIfNotFound } from "../resources/organization";
import type { ProviderContext } from "../session/context";
import type { Baseline } from "../session/creates";
import { ambiguous, findCandidates, parseTime } from "./search";
import type { CreateRequest, CreateStrategy, RemoteObject } from "./strategy";

/** A create that Keycard may have executed, as the state keeps it until a later operation can search for its object. */
export interface PendingVerification {
  /** The server's time before and after the create, RFC 3339, UTC; absent if the server sent none. */
  since?: string | undefined;
  until?: string | undefined;
  /** IDs of objects of the same name that are known to be others. */
  others: readonly string[];
}

/**
 * Adds to a resource's operations what happens to one that is pending verification: Pulumi creates another one, and then deletes
 * whatever this one has created.
 *
 * @param strategyOf returns how to search for the object
 */
export function withPendingVerification<
  Inputs extends CreateRequest,
  State extends CreateRequest & { pendingVerification?: PendingVerification },
>(
  strategyOf: (state: State, context: ProviderContext) => CreateStrategy<RemoteObject, RemoteObject>,
  operations: ResourceOperations<Inputs, State>,
): ResourceOperations<Inputs, State> {
  return {
    ...operations,

    async diff(id, olds, news, context) {
      if (olds.pendingVerification) return { changes: true, replaces: ["id"] };
      return operations.diff(id, olds, news, context);
    },

    async read(id, state, context) {
      return state.pendingVerification ? (state as State) : operations.read(id, state, context);
    },

    async delete(id, state, context) {
      const { pendingVerification: pending, organizationId } = state;
      if (!pending) return operations.delete(id, state, context);
      await undefinedIfNotFound(context, organizationId, () =>
        deletePending(id, strategyOf(state, context), pending, context),
      );
    },
  };
}

/** Keycard may have executed a create, and the search for its object failed. The state keeps it under an ID that Keycard never gives. */
export class PendingVerificationError extends InitializationError {
  constructor(
    id: string,
    request: CreateRequest,
    readonly pending: PendingVerification,
    /** What happened, without what to do. */
    readonly problem: string,
    cause: Error,
  ) {
    const advice = `The state keeps it as ${id}. Run \`pulumi up\` again: it creates a new object, then searches again for the one that the lost request may have created, and deletes it.`;
    super(id, { ...request, pendingVerification: pending }, `${problem}\n${advice}`, { cause });
  }
}

/** Returns the error for a create that cannot be verified. */
export function pendingVerification(
  request: CreateRequest,
  lost: {
    error: Error;
    since: number | undefined;
    until: number | undefined;
    baseline: Baseline | undefined;
  },
  cause: Error,
): PendingVerificationError {
  const { error, since, until, baseline } = lost;
  const others = [...(baseline ?? [])].filter(([, name]) => name === request.name).map(([id]) => id);
  const pending: PendingVerification = {
    ...(since === undefined || baseline === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
    others,
  };
  const problem = `${error.message}\nKeycard may have created "${request.name}" anyway, and the search for it failed: ${cause.message}`;
  return new PendingVerificationError(
    `pending-verification-${randomUUID()}`,
    request,
    pending,
    problem,
    error,
  );
}

/**
 * Deletes what a create that is pending verification has created, if anything.
 *
 * @param id the resource that keeps it, for messages
 * @param advice for several objects that may be its result
 * @throws {ResourceError} if several objects may be its result, or the search fails again
 */
export function deletePending<Listed extends RemoteObject>(
  id: string,
  strategy: CreateStrategy<RemoteObject, Listed>,
  { since, until, others }: PendingVerification,
  { creates, registry }: ProviderContext,
  advice = FORGET,
): Promise<void> {
  const { request } = strategy;
  return creates.exclusively(request, async () => {
    const criteria = { since: parseTime(since), until: parseTime(until), excluded: new Set(others) };
    const { timely } = await findCandidates(strategy, criteria, registry).catch((error: Error) => {
      // The caller decides whether a place that is not found was deleted.
      if (error instanceof NotFoundError) throw error;
      const message = `${error.message}\nThe search for "${request.name}", which the state keeps as ${id}, failed again. Run the command again when Keycard is available.`;
      throw new ResourceError(message, { cause: error });
    });
    const isDated = since !== undefined && until !== undefined;
    const [object, ...more] = timely;
    if (object === undefined) return;
    if (!isDated || more.length > 0) throw ambiguous(request, timely, advice);
    await strategy.remove(object.id);
  });
}

const FORGET =
  "The state already contains a new object in its place. If any of the listed objects is in use, first remove this entry from the state: `pulumi state delete <URN>` (`pulumi stack --show-urns` prints the URN). " +
  "In either case, delete at Keycard those that nobody uses, and run `pulumi up` again.";
