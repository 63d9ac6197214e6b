import type { Credentials, KeycardAPI, ServiceAccounts } from "../../../sdk";

/**
 * What of Keycard's API can be reached from here: what reads. There is no way to what changes something, neither in the types nor
 * at run time.
 */
export interface ReadOnlyKeycard {
  readonly baseURL: string;
  readonly accounts: Readonly<Pick<ServiceAccounts, "list" | "retrieve">>;
  readonly credentials: Readonly<Pick<Credentials, "list" | "retrieve">>;
  /** The server's clock, in milliseconds since 1970, where its answers told it; never ahead of it. */
  readonly serverTime: () => number | undefined;
}

/** The reading half of a client. */
export function readOnly(client: KeycardAPI): ReadOnlyKeycard {
  const { serviceAccounts } = client.organizations;
  const { credentials } = serviceAccounts;
  return {
    baseURL: client.baseURL,
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
