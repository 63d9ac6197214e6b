import type { Credentials, KeycardAPI, ServiceAccounts } from "../../../sdk";

/** The reading operations of the Keycard API. No writing operation is reachable, in the types or at run time. */
export interface ReadOnlyKeycard {
  readonly baseURL: string;
  /** The client ID that it signs in with; absent if it uses a ready-made token. */
  readonly clientID: string | undefined;
  readonly accounts: Readonly<Pick<ServiceAccounts, "list" | "retrieve">>;
  readonly credentials: Readonly<Pick<Credentials, "list" | "retrieve">>;
  /** Returns the server's time in milliseconds since 1970, never ahead of it; `undefined` if no response had a `Date`. */
  readonly serverTime: () => number | undefined;
}

/** Restricts a client to its reading operations. */
export function readOnly(client: KeycardAPI): ReadOnlyKeycard {
  const { serviceAccounts } = client.organizations;
  const { credentials } = serviceAccounts;
  return {
    baseURL: client.baseURL,
    clientID: client.clientID,
    accounts: {
      list: (...call) => serviceAccounts.list(...call),
      retrieve: (...call) => serviceAccounts.retrieve(...call),
    },
    credentials: {
      list: (...call) => credentials.list(...call),
      retrieve: (...call) => credentials.retrieve(...call),
    },
    serverTime: () => client.serverTime,
  };
}
