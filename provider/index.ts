export { ServiceAccount } from "./serviceAccount";
export type { ServiceAccountArgs } from "./serviceAccount";
export { ServiceAccountCredential } from "./serviceAccountCredential";
export type { ServiceAccountCredentialArgs } from "./serviceAccountCredential";
