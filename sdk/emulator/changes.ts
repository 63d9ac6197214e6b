import type { components } from "../generated/api";

type Schemas = components["schemas"];

/** What never changes while there are data. */
export interface Origin {
  readonly organization: { readonly id: string; readonly label: string };
  /** The client that may do everything. */
  readonly clientId: string;
  /** The last place in the order of creation that was given away, be it to something that is deleted by now. */
  readonly lastSequence: number;
}

/**
 * Something that has happened; all together, in their order, are what the emulator knows. An account or a credential that
 * is known already has been changed. Of secrets and tokens there is only the hash.
 */
export type Change =
  | { type: "account"; sequence: number; data: Schemas["ServiceAccount"] }
  | { type: "accountDeleted"; id: string }
  | {
      type: "credential";
      accountId: string;
      sequence: number;
      secretHash: string;
      data: Schemas["Credential"];
    }
  | { type: "credentialDeleted"; accountId: string; id: string }
  /** One more secret of the client that may do everything. */
  | { type: "secret"; hash: string }
  /** Without `expiresAt`, which is in milliseconds since 1970, it does not expire. */
  | { type: "token"; hash: string; clientId: string; expiresAt?: number };

export type ChangeOf<T extends Change["type"]> = Extract<Change, { type: T }>;
