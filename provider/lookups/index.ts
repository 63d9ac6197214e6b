import { serviceAccountLookup } from "./getServiceAccount";
import { credentialsLookup } from "./getServiceAccountCredentials";
import { serviceAccountsLookup } from "./getServiceAccounts";
import type { Lookup } from "./lookup";

/** All lookups, for a host that gets their arguments as plain values. */
export const lookups = [
  serviceAccountLookup,
  serviceAccountsLookup,
  credentialsLookup,
] as unknown as readonly Lookup<object, object>[];
