import type * as pulumi from "@pulumi/pulumi";
import type { Permissions, ServiceAccount as WireServiceAccount } from "../../sdk";
import { nameSchema } from "../inputs";
import { LARGEST_PAGE } from "../list";
import { toState } from "../serviceAccount";
import { readAll } from "./readAllPages";
import type { Everything } from "./readAllPages";
import { lookUp, lookUpOutput } from "./lookup";
import type { Lookup, LookupOptions, LookupOutputOptions, Place } from "./lookup";

/** Which service accounts are meant: those to which all that is given applies, or else all of the organization. */
export interface GetServiceAccountsArgs {
  /** The beginning of their names, not empty, upper and lower case as at Keycard. */
  namePrefix?: string | undefined;
  /** Their whole name, not empty, upper and lower case as at Keycard; several accounts may have it, or none. */
  name?: string | undefined;
}

/** The same, where values may be outputs. */
export interface GetServiceAccountsOutputArgs {
  /** See {@link GetServiceAccountsArgs.namePrefix}. */
  namePrefix?: pulumi.Input<string | undefined>;
  /** See {@link GetServiceAccountsArgs.name}. */
  name?: pulumi.Input<string | undefined>;
}

/** A service account, as Keycard tells of it. */
export interface GetServiceAccountResult {
  /** Keycard's ID of it. */
  id: string;
  /** The organization, by ID or by label, as it was asked for. */
  organizationId: string;
  /** For people; other accounts may have the same. */
  name: string;
  /** `undefined` where there is none. */
  description: string | undefined;
  /** When Keycard created it; RFC 3339, UTC. */
  createdAt: string;
  /** When Keycard last changed it; RFC 3339, UTC. */
  updatedAt: string;
  /** Resource type, then permission, then whether we have it; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

/** What {@link getServiceAccounts} has found. */
export interface GetServiceAccountsResult {
  /** Those that are meant, in Keycard's order; empty where there are none. */
  serviceAccounts: GetServiceAccountResult[];
  /** The same for the list: what may be done with accounts as such; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

export function toResult(account: WireServiceAccount, organizationId: string): GetServiceAccountResult {
  const { id, permissions } = account;
  return { id, description: undefined, ...toState(account, organizationId), permissions };
}

/** All accounts of an organization. */
export async function allAccounts(place: Place): Promise<Everything<WireServiceAccount>> {
  const { asked, organizationId, expand } = place;
  const { serviceAccounts } = asked.client.organizations;
  const list = () => serviceAccounts.list(organizationId, { ...LARGEST_PAGE, ...expand });
  // An organization that answers has its list of accounts.
  return (await readAll(place, "accounts", list)) ?? { items: [], permissions: undefined };
}

const lookup: Lookup<GetServiceAccountsArgs, GetServiceAccountsResult> = {
  name: "getServiceAccounts",
  rules: { namePrefix: { schema: nameSchema }, name: { schema: nameSchema } },
  async find({ namePrefix = "", name }, place) {
    const { items, permissions } = await allAccounts(place);
    const found = items.filter(
      (account) => account.name.startsWith(namePrefix) && (name === undefined || account.name === name),
    );
    return {
      serviceAccounts: found.map((account) => toResult(account, place.organizationId)),
      permissions,
    };
  },
};

/**
 * Looks up service accounts, all of them or those of certain names. It reads the whole list, a call for each 1,000 accounts; to find none is no
 * error.
 *
 * @throws {pulumi.RunError} for bad arguments, for settings that are missing, and where Keycard cannot be asked
 */
export function getServiceAccounts(
  args?: GetServiceAccountsArgs,
  options?: LookupOptions,
): Promise<GetServiceAccountsResult> {
  return lookUp(lookup, args, options);
}

/** The same as {@link getServiceAccounts}, for arguments that may be outputs; it looks when they are known, and fails the program as that does. */
export function getServiceAccountsOutput(
  args?: GetServiceAccountsOutputArgs,
  options?: LookupOutputOptions,
): pulumi.Output<GetServiceAccountsResult> {
  return lookUpOutput(lookup, args, options);
}
