import type { operations } from "../generated/api";
import { openapi } from "../generated/openapi";
import { methodNotAllowed, notFound } from "./errors";
import { OpenAPIBackend } from "./thirdParty";
import type { Document } from "./thirdParty";
import type { OperationId } from "./types";

type Content<T> = T extends { content: infer C } ? C[keyof C] : undefined;
type Body<T> = T extends { requestBody: infer B } ? Content<B> : undefined;
/** `limit` is the only parameter with a default, and therefore always present. */
type WithDefaults<Q> = Q & ("limit" extends keyof Q ? { limit: number } : unknown);
type Responses<O extends OperationId> = operations[O]["responses"];

/** A valid request of an operation, with defaults. */
export interface ApiRequest<O extends OperationId = OperationId> {
  path: NonNullable<operations[O]["parameters"]["path"]>;
  query: WithDefaults<NonNullable<operations[O]["parameters"]["query"]>>;
  body: Body<operations[O]>;
  authorization: string | undefined;
}

/** A successful response of an operation. */
export type ApiResponse<O extends OperationId = OperationId> = {
  [S in keyof Responses<O> & number]: {
    status: S;
    body: Content<Responses<O>[S]>;
    headers?: Record<string, string>;
  };
}[keyof Responses<O> & number];

/** One function per operation. */
export type Handlers<O extends OperationId = OperationId> = {
  [K in O]: (request: ApiRequest<K>) => ApiResponse<K>;
};

const METHODS = ["get", "post", "patch", "delete"];
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

let loaded: Promise<OpenAPIBackend> | undefined;

/** Loads openapi.yaml with its routes and validators, once for all emulators of the process. */
export const loadApi = (): Promise<OpenAPIBackend> => (loaded ??= load());

async function load(): Promise<OpenAPIBackend> {
  const api = await new OpenAPIBackend({
    definition: openapi as Document,
    // Ajv's strict mode finds mistakes in the file when it compiles a schema, so not every start has to validate the whole file.
    quick: true,
    ignoreTrailingSlashes: false,
    coerceTypes: true,
    ajvOpts: { allErrors: true, useDefaults: true, validateSchema: false },
    customizeAjv: (ajv) => ajv.addFormat("uuid", UUID).addFormat("date-time", true),
  }).init();
  // The router would flatten the whole document for every request, which would take most of the request's time.
  const flattened = api.router.getOperations();
  api.router.getOperations = () => flattened;
  return api;
}

/**
 * Returns the operation of this method and path.
 *
 * @throws ApiError 404 or 405
 */
export function route(api: OpenAPIBackend, method: string, path: string): OperationId {
  const find = (candidate: string) => {
    // The router would treat a double slash at the start as a single one.
    if (path.startsWith("//")) return undefined;
    return api.matchOperation({ method: candidate, path, headers: {} })?.operationId;
  };
  const found = find(method);
  if (found) return found as OperationId;
  const allowed = METHODS.filter(find);
  if (allowed.length === 0) throw notFound("No operation of this API has this path.");
  throw methodNotAllowed(allowed.map((name) => name.toUpperCase()));
}
