export { KeycardAPI } from "./client";
export type { Organizations } from "./client";
export type { Credentials } from "./credentials";
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
export type { Logger, LogLevel } from "./log";
export type { ClientOptions, Query, RequestOptions } from "./options";
export { Page, PagePromise } from "./page";
export type { ServiceAccounts } from "./serviceAccounts";
export type { Fetch, FetchInit, FetchResponse } from "./transport";
export type * from "./types";
