export { ExclusiveCredentials } from "./program/exclusiveCredentials";
export type { ExclusiveCredentialsArgs } from "./resources/exclusiveCredentials";
export {
  getServiceAccount,
  getServiceAccountCredentials,
  getServiceAccountCredentialsOutput,
  getServiceAccountOutput,
  getServiceAccounts,
  getServiceAccountsOutput,
} from "./program/functions";
export type { GetServiceAccountArgs, GetServiceAccountOutputArgs } from "./lookups/getServiceAccount";
export type {
  GetServiceAccountCredentialResult,
  GetServiceAccountCredentialsArgs,
  GetServiceAccountCredentialsOutputArgs,
  GetServiceAccountCredentialsResult,
} from "./lookups/getServiceAccountCredentials";
export type {
  GetServiceAccountResult,
  GetServiceAccountsArgs,
  GetServiceAccountsOutputArgs,
  GetServiceAccountsResult,
} from "./lookups/getServiceAccounts";
export type { LookupOptions, LookupOutputOptions } from "./lookups/lookup";
export { RotatingCredential } from "./program/rotatingCredential";
export type { RotatingCredentialArgs } from "./resources/rotatingCredential";
export { ServiceAccount } from "./program/serviceAccount";
export type { ServiceAccountArgs, ServiceAccountState } from "./resources/serviceAccount";
export { ServiceAccountCredential } from "./program/serviceAccountCredential";
export type {
  ServiceAccountCredentialArgs,
  ServiceAccountCredentialState,
} from "./resources/serviceAccountCredential";
export type { NamedArgs, OrganizationArgs } from "./resources/args";
