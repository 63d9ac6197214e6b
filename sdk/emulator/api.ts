import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Document } from "openapi-backend";
import { OpenAPIBackend } from "openapi-backend";
import { parse } from "yaml";
import type { operations } from "../generated/api";
import { methodNotAllowed, notFound } from "./errors";
import type { OperationId } from "./types";

type Content<T> = T extends { content: infer C } ? C[keyof C] : undefined;
type Body<T> = T extends { requestBody: infer B } ? Content<B> : undefined;
/** Parameters with a default are there in every request; `limit` is the only one. */
type Filled<Q> = Q & ("limit" extends keyof Q ? { limit: number } : unknown);
type Responses<O extends OperationId> = operations[O]["responses"];

/** A request that keeps to openapi.yaml, defaults filled in. */
export interface ApiRequest<O extends OperationId = OperationId> {
  path: NonNullable<operations[O]["parameters"]["path"]>;
  query: Filled<NonNullable<operations[O]["parameters"]["query"]>>;
  body: Body<operations[O]>;
  authorization: string | undefined;
}

/** What openapi.yaml lets an operation answer when it succeeds. */
export type Reply<O extends OperationId = OperationId> = {
  [S in keyof Responses<O> & number]: {
    status: S;
    body: Content<Responses<O>[S]>;
    headers?: Record<string, string>;
  };
}[keyof Responses<O> & number];

/** One function per operation. */
export type Handlers<O extends OperationId = OperationId> = {
  [K in O]: (request: ApiRequest<K>) => Reply<K>;
};

const METHODS = ["get", "post", "patch", "delete"];
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whether the text is a UUID. */
export const isUuid = (text: string): boolean => UUID.test(text);

let loaded: Promise<OpenAPIBackend> | undefined;

/** openapi.yaml with its routes and checks; read once, since it knows nothing of any one emulator. */
export const loadApi = (): Promise<OpenAPIBackend> => (loaded ??= load());

async function load(): Promise<OpenAPIBackend> {
  const api = await new OpenAPIBackend({
    definition: parse(readFileSync(join(__dirname, "..", "openapi.yaml"), "utf8")) as Document,
    quick: true, // The file is this package's own: the tests check it, not every start.
    ignoreTrailingSlashes: false,
    coerceTypes: true,
    ajvOpts: { allErrors: true, useDefaults: true },
    customizeAjv: (ajv) => ajv.addFormat("uuid", UUID).addFormat("date-time", true),
  }).init();
  // The router flattens the whole document anew for every look at it, which would be most of the work of a call.
  const flattened = api.router.getOperations();
  api.router.getOperations = () => flattened;
  return api;
}

/**
 * The operation of this method and path.
 *
 * @throws ApiError 404 or 405
 */
export function route(api: OpenAPIBackend, method: string, path: string): OperationId {
  const find = (candidate: string) => {
    // The router would take a doubled slash at the start for a single one.
    if (path.startsWith("//")) return undefined;
    return api.matchOperation({ method: candidate, path, headers: {} })?.operationId;
  };
  const found = find(method);
  if (found) return found as OperationId;
  const allowed = METHODS.filter(find);
  if (allowed.length === 0) throw notFound("No operation of this API has this path.");
  throw methodNotAllowed(allowed.map((name) => name.toUpperCase()));
}
