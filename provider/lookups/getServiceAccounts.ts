import type { Permissions, ServiceAccount as WireServiceAccount } from "../../sdk";
import { nameSchema } from "../resources/inputs";
import { LARGEST_PAGE } from "../resources/pages";
import { toState } from "../resources/serviceAccount";
import { readAllPages } from "./readAllPages";
import type { CompleteList } from "./readAllPages";
import type { LookupTarget } from "./context";
import type { Inputs, Lookup } from "./lookup";

/** Arguments of {@link getServiceAccounts}. An account must match all of them. */
export interface GetServiceAccountsArgs {
  /** Matches names that begin with this text; not empty, case-sensitive. */
  namePrefix?: string | undefined;
  /** Matches the whole name; not empty, case-sensitive. */
  name?: string | undefined;
}

/** Arguments of {@link getServiceAccountsOutput}. */
export type GetServiceAccountsOutputArgs = Inputs<GetServiceAccountsArgs>;

/** A service account at Keycard. */
export interface GetServiceAccountResult {
  /** Keycard's ID of the account. */
  id: string;
  /** ID or label of the organization, as passed to the lookup or configured. */
  organizationId: string;
  /** Other accounts may have the same name. */
  name: string;
  /** `undefined` if there is none. */
  description: string | undefined;
  /** When Keycard created it; RFC 3339, UTC. */
  createdAt: string;
  /** When Keycard last changed it; RFC 3339, UTC. */
  updatedAt: string;
  /** Permissions by resource type; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

/** Result of {@link getServiceAccounts}. */
export interface GetServiceAccountsResult {
  /** The matching accounts, in Keycard's order; empty if none matches. */
  serviceAccounts: GetServiceAccountResult[];
  /** Permissions on the list of accounts; only with the option `permissions`. */
  permissions: Permissions | undefined;
}

export function toResult(account: WireServiceAccount, organizationId: string): GetServiceAccountResult {
  const { id, permissions } = account;
  return { id, description: undefined, ...toState(account, { organizationId }), permissions };
}

/** Reads all accounts of an organization. */
export async function allAccounts(target: LookupTarget): Promise<CompleteList<WireServiceAccount>> {
  const { context, organizationId, expand } = target;
  const { serviceAccounts } = context.client.organizations;
  const list = () => serviceAccounts.list(organizationId, { ...LARGEST_PAGE, ...expand });
  // `undefined` is for an account's list: a missing organization is an error.
  return (await readAllPages(target, "accounts", list)) ?? { items: [], permissions: undefined };
}

export const serviceAccountsLookup: Lookup<GetServiceAccountsArgs, GetServiceAccountsResult> = {
  name: "getServiceAccounts",
  rules: { namePrefix: { schema: nameSchema }, name: { schema: nameSchema } },
  async find({ namePrefix = "", name }, target) {
    const { items, permissions } = await allAccounts(target);
    const found = items.filter(
      (account) => account.name.startsWith(namePrefix) && (name === undefined || account.name === name),
    );
    return { serviceAccounts: found.map((account) => toResult(account, target.organizationId)), permissions };
  },
};
