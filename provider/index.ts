export { ExclusiveCredentials } from "./exclusiveCredentials";
export type { ExclusiveCredentialsArgs } from "./exclusiveCredentials";
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
export { ServiceAccount } from "./serviceAccount";
export type { ServiceAccountArgs, ServiceAccountState } from "./serviceAccount";
export { ServiceAccountCredential } from "./serviceAccountCredential";
export type { ServiceAccountCredentialArgs, ServiceAccountCredentialState } from "./serviceAccountCredential";
