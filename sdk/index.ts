export { KeycardAPI } from "./client";
export type { Organizations } from "./client";
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
  SignInError,
  UnprocessableEntityError,
} from "./errors";
export type { Failure, Outcome } from "./errors";
export { APIPromise } from "./http/apiPromise";
export type { WithResponse } from "./http/apiPromise";
export type { Logger, LogLevel } from "./http/log";
export type { Fetch, FetchInit, FetchResponse } from "./http/transport";
export type { ClientOptions, Query, RequestOptions } from "./options";
export type { Credentials } from "./resources/credentials";
export { Page, PagePromise } from "./resources/page";
export type { ServiceAccounts } from "./resources/serviceAccounts";
export type * from "./resources/types";
