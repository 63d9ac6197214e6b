import type { ApiRequest } from "./api";
import { ApiError, badRequest } from "./errors";
import { explain } from "./explain";
import type { MediaType, Request } from "./http";
import { parseBody } from "./http";
import type { ErrorObject, OpenAPIBackend, Request as ValidatedRequest } from "./thirdParty";
import type { OperationId } from "./types";

/**
 * Validates a request of this operation.
 *
 * @throws ApiError 400, 413, 415 or 422
 */
export function validate<O extends OperationId>(
  api: OpenAPIBackend,
  operation: O,
  incoming: Request,
): ApiRequest<O> {
  checkPath(incoming.path);
  const content = contentOf(api, operation);
  const body = content && requireObject(parseBody(content.mediaType, incoming));
  const request = {
    method: incoming.method,
    path: incoming.path,
    headers: incoming.headers as ValidatedRequest["headers"],
    query: normalizeQuery(incoming.query),
    ...(body && { body }),
  };
  const { errors, coerced } = api.validateRequest(request, operation);
  if (errors) throw refusal(operation, errors);
  const { params = {}, query = {} } = coerced as ValidatedRequest;
  const declared = body && pick(body, content.fields);
  return {
    path: params,
    query,
    body: declared,
    authorization: incoming.headers.authorization,
  } as ApiRequest<O>;
}

/** Leaves out the fields that openapi.yaml does not declare: the API ignores them. */
function pick(body: object, fields: string[]): object {
  return Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
}

function requireObject(body: unknown): object {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw new ApiError(422, "invalid_body", "The body must be a JSON object.");
}

function checkPath(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw badRequest("The path must be percent-encoded UTF-8.");
  }
}

/** Returns the media type and the fields of the body that an operation takes. */
function contentOf(api: OpenAPIBackend, operation: OperationId) {
  const body = api.getOperation(operation)?.requestBody;
  if (!body || !("content" in body)) return undefined;
  const [[mediaType, { schema = {} }] = ["", {}]] = Object.entries(body.content);
  const properties = "properties" in schema ? schema.properties : {};
  return { mediaType: mediaType as MediaType, fields: Object.keys(properties ?? {}) };
}

/** Renames `expand` to `expand[]`: clients use both, openapi.yaml only the latter. */
function normalizeQuery(query: URLSearchParams): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const [spelled, value] of query) {
    const name = spelled === "expand" ? "expand[]" : spelled;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...values].map(([name, [first = "", ...more]]) => [name, more.length ? [first, ...more] : first]),
  );
}

function refusal(operation: OperationId, errors: ErrorObject[]): ApiError {
  const inBody = errors.every(({ instancePath }) => instancePath.startsWith("/requestBody"));
  // OAuth requires the status 400 and its own error codes.
  if (operation === "token") return new ApiError(400, oauthCode(errors), explain(errors));
  return inBody ? new ApiError(422, "invalid_body", explain(errors)) : badRequest(explain(errors));
}

function oauthCode(errors: ErrorObject[]): string {
  const wrongGrant = errors.some(({ keyword }) => keyword === "const");
  return wrongGrant ? "unsupported_grant_type" : "invalid_request";
}
