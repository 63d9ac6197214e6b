export { ExclusiveCredentials } from "./exclusiveCredentials";
export type { ExclusiveCredentialsArgs } from "./exclusiveCredentials";
export { ServiceAccount } from "./serviceAccount";
export type { ServiceAccountArgs } from "./serviceAccount";
export { ServiceAccountCredential } from "./serviceAccountCredential";
export type { ServiceAccountCredentialArgs } from "./serviceAccountCredential";
