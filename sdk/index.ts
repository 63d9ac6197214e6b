export { KeycardAPI } from "./client";
export type { Organizations } from "./client";
export type { Credentials } from "./resources/credentials";
export { ENVIRONMENT, fromEnvironment } from "./environment";
export type { EnvironmentSetting } from "./environment";
export {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  ArgumentError,
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  ConflictError,
  InternalServerError,
  KeycardError,
  MalformedResponseError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError,
} from "./errors";
export type { Failure } from "./errors";
export type { Logger, LogLevel } from "./http/log";
export type { ClientOptions, Query, RequestOptions } from "./options";
export { Page, PagePromise } from "./resources/page";
export type { ServiceAccounts } from "./resources/serviceAccounts";
export type { Fetch, FetchInit, FetchResponse } from "./http/transport";
export type * from "./resources/types";
