import type { ErrorObject } from "ajv";
import type { OpenAPIBackend, Request } from "openapi-backend";
import type { ApiRequest } from "./api";
import type { MediaType } from "./body";
import { parseBody } from "./body";
import type { Call } from "./calls";
import { ApiError, badRequest } from "./errors";
import { explain } from "./explain";
import type { OperationId } from "./types";

/**
 * The call as a request of this operation.
 *
 * @throws ApiError 400, 413, 415 or 422
 */
export function validate<O extends OperationId>(
  api: OpenAPIBackend,
  operation: O,
  call: Call,
): ApiRequest<O> {
  checkPath(call.path);
  const mediaType = mediaTypeOf(api, operation);
  const body = mediaType && requireObject(parseBody(mediaType, call));
  const request = {
    method: call.method,
    path: call.path,
    headers: call.headers as Request["headers"],
    query: queryOf(call.query),
    ...(body && { body }),
  };
  const { errors, coerced } = api.validateRequest(request, operation);
  if (errors) throw refusal(operation, errors);
  const { params = {}, query = {} } = coerced as Request;
  return { path: params, query, body, authorization: call.headers.authorization } as ApiRequest<O>;
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

function mediaTypeOf(api: OpenAPIBackend, operation: OperationId): MediaType | undefined {
  const body = api.getOperation(operation)?.requestBody;
  return body && "content" in body ? (Object.keys(body.content)[0] as MediaType) : undefined;
}

/** Clients spell the one parameter that is a list in two ways; openapi.yaml knows one of them. */
function queryOf(query: URLSearchParams): Record<string, string | string[]> {
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
  // OAuth wants 400 for a wrong token request, and its own codes.
  if (operation === "token") return new ApiError(400, oauthCode(errors), explain(errors));
  return inBody ? new ApiError(422, "invalid_body", explain(errors)) : badRequest(explain(errors));
}

function oauthCode(errors: ErrorObject[]): string {
  const wrongGrant = errors.some(({ keyword }) => keyword === "const");
  return wrongGrant ? "unsupported_grant_type" : "invalid_request";
}
