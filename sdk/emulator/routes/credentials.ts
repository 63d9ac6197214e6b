import type { Handlers } from "../api";
import { notFound } from "../errors";
import { findAccount, permissions } from "./serviceAccounts";
import type { Store } from "../store";

type CredentialOperation =
  "createCredential" | "listCredentials" | "retrieveCredential" | "updateCredential" | "deleteCredential";

/** The permissions of a caller, which are always all: others get a 403. */
const credentialPermissions = { credentials: { read: true, update: true, delete: true } };
const listPermissions = { credentials: { create: true, read: true } };

/** The five operations on credentials. */
export function credentialHandlers(store: Store): Handlers<CredentialOperation> {
  const find = (path: { organization_id: string; service_account_id: string; credential_id: string }) => {
    const credential = findAccount(store, path).credentials.get(path.credential_id);
    if (!credential) throw notFound("No credential of this service account has this ID.");
    return credential;
  };
  return {
    createCredential: ({ path, body }) => {
      return { status: 201, body: store.createCredential(findAccount(store, path), body) };
    },
    listCredentials: ({ path, query }) => {
      const { items, page_info } = findAccount(store, path).credentials.page(query);
      const credentials = items.map(({ data }) => ({
        ...data,
        ...permissions(query, credentialPermissions),
      }));
      return { status: 200, body: { items: credentials, page_info, ...permissions(query, listPermissions) } };
    },
    retrieveCredential: ({ path, query }) => {
      const { data } = find(path);
      return { status: 200, body: { ...data, ...permissions(query, credentialPermissions) } };
    },
    updateCredential: ({ path, body }) => {
      return { status: 200, body: store.updateCredential(find(path), body) };
    },
    deleteCredential: ({ path }) => {
      store.deleteCredential(find(path));
      return { status: 204, body: undefined };
    },
  };
}
