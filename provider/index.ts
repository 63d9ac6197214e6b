export { ExclusiveCredentials } from "./resources/exclusiveCredentials";
export type { ExclusiveCredentialsArgs } from "./resources/exclusiveCredentials";
export { getServiceAccount, getServiceAccountOutput } from "./lookups/getServiceAccount";
export type { GetServiceAccountArgs, GetServiceAccountOutputArgs } from "./lookups/getServiceAccount";
export {
  getServiceAccountCredentials,
  getServiceAccountCredentialsOutput,
} from "./lookups/getServiceAccountCredentials";
export type {
  GetServiceAccountCredentialResult,
  GetServiceAccountCredentialsArgs,
  GetServiceAccountCredentialsOutputArgs,
  GetServiceAccountCredentialsResult,
} from "./lookups/getServiceAccountCredentials";
export { getServiceAccounts, getServiceAccountsOutput } from "./lookups/getServiceAccounts";
export type {
  GetServiceAccountResult,
  GetServiceAccountsArgs,
  GetServiceAccountsOutputArgs,
  GetServiceAccountsResult,
} from "./lookups/getServiceAccounts";
export type { LookupOptions, LookupOutputOptions } from "./lookups/lookup";
export { RotatingCredential } from "./resources/rotatingCredential";
export type { RotatingCredentialArgs } from "./resources/rotatingCredential";
export { ServiceAccount } from "./resources/serviceAccount";
export type { ServiceAccountArgs, ServiceAccountState } from "./resources/serviceAccount";
export { ServiceAccountCredential } from "./resources/serviceAccountCredential";
export type {
  ServiceAccountCredentialArgs,
  ServiceAccountCredentialState,
} from "./resources/serviceAccountCredential";
export type { NamedArgs, OrganizationArgs } from "./resources/properties";
