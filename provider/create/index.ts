/**
 * Keycard does not recognize a repeated create, and returns a secret only once. So a create whose response was lost is never
 * simply repeated: a search for its object comes first.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MalformedResponseError } from "../../sdk";
import type { APIError } from "../../sdk";
import { backoff, exceedsMaxRetryAfter, isOutcomeUnknown } from "../../sdk/internal";
import type { ProviderContext } from "../session/context";
import type { Baseline } from "../session/creates";
import { ResourceError } from "../errors";
import { pendingVerification } from "./pendingVerification";
import { ambiguous, readBaseline, search } from "./search";
import type { CreateRequest, CreateStrategy, PartialResponse, RemoteObject } from "./strategy";

/**
 * Creates an object exactly once. After a lost response it searches for the object and recovers or deletes it, and creates
 * again only if none is left, as often as the client retries calls.
 *
 * @throws {InitializationError} if the search failed, too: the state keeps the create as pending verification
 * @throws {ResourceError} if several objects may be the result
 */
export function createExactlyOnce<Response extends RemoteObject, Listed extends RemoteObject>(
  strategy: CreateStrategy<Response, Listed>,
  context: ProviderContext,
): Promise<Response> {
  const { request } = strategy;
  return context.creates.exclusively(request, async () => {
    context.creates.requireUnblocked(request);
    const baseline = await readBaseline(strategy, context);
    const object = await createOrRecover(strategy, baseline, context);
    context.registry.register(object.id);
    baseline?.set(object.id, object.name);
    if (request.serviceAccountId === undefined)
      context.creates.setEmptyBaseline({
        organizationId: request.organizationId,
        serviceAccountId: object.id,
      });
    return object;
  });
}

async function createOrRecover<Response extends RemoteObject, Listed extends RemoteObject>(
  strategy: CreateStrategy<Response, Listed>,
  baseline: Baseline | undefined,
  context: ProviderContext,
): Promise<Response> {
  const { client, registry } = context;
  for (let attempt = 1; ; attempt++) {
    const since = client.serverTime;
    try {
      const response = await strategy.create();
      if (baseline?.has(response.id) || registry.owns(response.id)) throw notNew(strategy.request, response);
      return response;
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error;
      const recovered = await recover(strategy, { error, since, baseline }, context);
      if (recovered) return recovered;
      if (attempt > client.maxRetries || exceedsMaxRetryAfter(error)) throw error;
      await sleep(error.retryAfter === undefined ? backoff(attempt) : error.retryAfter * 1000);
    }
  }
}

/** Returns the object of a create with a lost response; `undefined` if it does not exist, or was deleted because its secret is lost. */
async function recover<Response extends RemoteObject, Listed extends RemoteObject>(
  strategy: CreateStrategy<Response, Listed>,
  lost: { error: APIError; since: number | undefined; baseline: Baseline | undefined },
  { client, registry, creates }: ProviderContext,
): Promise<Response | undefined> {
  const { request } = strategy;
  const result = await search(strategy, lost, registry);
  switch (result.kind) {
    case "found":
      registry.register(result.object.id);
      lost.baseline?.set(result.object.id, result.object.name);
      return strategy.recover(result.object, partialResponse(lost.error));
    case "absent":
      return undefined;
    case "ambiguous":
      throw ambiguous(request, result.candidates, ambiguousAdvice(request));
    case "unverifiable":
      creates.block(request);
      throw pendingVerification(request, { ...lost, until: client.latestServerTime }, result.cause);
  }
}

/** For a response to a create that names an object which existed before. */
function notNew({ name }: CreateRequest, { id }: RemoteObject): ResourceError {
  return new ResourceError(
    `Keycard responded to the request that creates "${name}" with the ID "${id}" of an object that existed before. Pulumi did not change it, and did not put it into the state. ` +
      "Check that keycard:endpoint is Keycard's API.",
  );
}

function ambiguousAdvice(request: CreateRequest): string {
  const adopt =
    request.serviceAccountId === undefined ? ', or adopt the right one with adopt: "<its ID>"' : "";
  return `The state contains none of them. At Keycard, delete those that nobody uses${adopt}. Then run \`pulumi up\` again. Unless one is adopted, it creates a new one.`;
}

/** Returns the text fields of a malformed response. */
function partialResponse(error: APIError): PartialResponse {
  const body = error instanceof MalformedResponseError ? error.response() : undefined;
  const fields = typeof body === "object" && body !== null ? Object.entries(body) : [];
  return Object.fromEntries(
    fields.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
