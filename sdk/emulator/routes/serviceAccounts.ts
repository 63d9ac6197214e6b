import type { Handlers } from "../api";
import { notFound } from "../errors";
import type { Account, Store } from "../store";

type ServiceAccountOperation =
  | "createServiceAccount"
  | "listServiceAccounts"
  | "retrieveServiceAccount"
  | "updateServiceAccount"
  | "deleteServiceAccount";

/** The permissions of a caller, which are always all: others get a 403. */
const accountPermissions = { service_accounts: { read: true, update: true, delete: true } };
const listPermissions = { service_accounts: { create: true, read: true } };

/** The five operations on service accounts. */
export function serviceAccountHandlers(store: Store): Handlers<ServiceAccountOperation> {
  return {
    createServiceAccount: ({ path, body }) => {
      checkOrganization(store, path.organization_id);
      return { status: 201, body: store.createAccount(body) };
    },
    listServiceAccounts: ({ path, query }) => {
      checkOrganization(store, path.organization_id);
      const { items, page_info } = store.accounts.page(query);
      const accounts = items.map(({ data }) => ({ ...data, ...permissions(query, accountPermissions) }));
      return { status: 200, body: { items: accounts, page_info, ...permissions(query, listPermissions) } };
    },
    retrieveServiceAccount: ({ path, query }) => {
      const { data } = findAccount(store, path);
      return { status: 200, body: { ...data, ...permissions(query, accountPermissions) } };
    },
    updateServiceAccount: ({ path, body }) => {
      return { status: 200, body: store.updateAccount(findAccount(store, path), body) };
    },
    deleteServiceAccount: ({ path }) => {
      store.deleteAccount(findAccount(store, path));
      return { status: 204, body: undefined };
    },
  };
}

/** @throws ApiError 404 if the organization or the account does not exist */
export function findAccount(
  store: Store,
  path: { organization_id: string; service_account_id: string },
): Account {
  checkOrganization(store, path.organization_id);
  const account = store.accounts.get(path.service_account_id);
  if (!account) throw notFound("No service account of this organization has this ID.");
  return account;
}

/** Returns the field that `expand[]=permissions` adds. `total_count` adds none, because no documented response has one. */
export function permissions<T>(query: { "expand[]"?: string[] }, granted: T): { permissions?: T } {
  return query["expand[]"]?.includes("permissions") ? { permissions: granted } : {};
}

function checkOrganization(store: Store, idOrLabel: string): void {
  const { id, label } = store.origin.organization;
  if (idOrLabel !== id && idOrLabel !== label) throw notFound("No organization has this ID or label.");
}
