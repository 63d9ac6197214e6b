import type * as pulumi from "@pulumi/pulumi";
import { serviceAccountLookup } from "../lookups/getServiceAccount";
import type { GetServiceAccountArgs, GetServiceAccountOutputArgs } from "../lookups/getServiceAccount";
import { credentialsLookup } from "../lookups/getServiceAccountCredentials";
import type {
  GetServiceAccountCredentialsArgs,
  GetServiceAccountCredentialsOutputArgs,
  GetServiceAccountCredentialsResult,
} from "../lookups/getServiceAccountCredentials";
import { serviceAccountsLookup } from "../lookups/getServiceAccounts";
import type {
  GetServiceAccountResult,
  GetServiceAccountsArgs,
  GetServiceAccountsOutputArgs,
  GetServiceAccountsResult,
} from "../lookups/getServiceAccounts";
import type { LookupOptions, LookupOutputOptions } from "../lookups/lookup";
import { lookUp, lookUpOutput } from "./lookUp";

/**
 * Looks up a service account without managing it: by its ID, in one call, or by its name, in one call for each 1,000 accounts.
 *
 * @throws {pulumi.RunError} if there is no such account; if several have the name; if an argument or a setting is invalid; or if a
 * call fails
 */
export function getServiceAccount(
  args: GetServiceAccountArgs,
  options?: LookupOptions,
): Promise<GetServiceAccountResult> {
  return lookUp(serviceAccountLookup, args, options);
}

/** Does the same as {@link getServiceAccount} once all arguments, which may be outputs, are known. */
export function getServiceAccountOutput(
  args: GetServiceAccountOutputArgs,
  options?: LookupOutputOptions,
): pulumi.Output<GetServiceAccountResult> {
  return lookUpOutput(serviceAccountLookup, args, options);
}

/**
 * Looks up service accounts, all of them or by name, in one call for each 1,000 accounts. An empty result is not an error.
 *
 * @throws {pulumi.RunError} if an argument or a setting is invalid, or if a call fails
 */
export function getServiceAccounts(
  args?: GetServiceAccountsArgs,
  options?: LookupOptions,
): Promise<GetServiceAccountsResult> {
  return lookUp(serviceAccountsLookup, args, options);
}

/** Does the same as {@link getServiceAccounts} once all arguments, which may be outputs, are known. */
export function getServiceAccountsOutput(
  args?: GetServiceAccountsOutputArgs,
  options?: LookupOutputOptions,
): pulumi.Output<GetServiceAccountsResult> {
  return lookUpOutput(serviceAccountsLookup, args, options);
}

/**
 * Looks up all credentials of a service account without managing them. The result contains no secrets.
 *
 * @throws {pulumi.RunError} if there is no such account, if an argument or a setting is invalid, or if a call fails
 */
export function getServiceAccountCredentials(
  args: GetServiceAccountCredentialsArgs,
  options?: LookupOptions,
): Promise<GetServiceAccountCredentialsResult> {
  return lookUp(credentialsLookup, args, options);
}

/** Does the same as {@link getServiceAccountCredentials} once all arguments, which may be outputs, are known. */
export function getServiceAccountCredentialsOutput(
  args: GetServiceAccountCredentialsOutputArgs,
  options?: LookupOutputOptions,
): pulumi.Output<GetServiceAccountCredentialsResult> {
  return lookUpOutput(credentialsLookup, args, options);
}
