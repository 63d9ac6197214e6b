import type { components, operations } from "../generated/api";

type Schemas = components["schemas"];
/** Lets optional properties be `undefined`, too. */
type OrUndefined<T> = { [K in keyof T]: Pick<T, K> extends Required<Pick<T, K>> ? T[K] : T[K] | undefined };

/** A service account. */
export type ServiceAccount = Schemas["ServiceAccount"];
/** A service account's credential, without its secret. */
export type ServiceAccountCredential = Schemas["Credential"];
/** A new credential. No later response contains its `client_secret`. */
export type CredentialCreateResponse = Schemas["CredentialWithSecret"];
/** The position of a page in its list. */
export type PageInfo = Schemas["PageInfo"];
/** Resource type, then permission, then whether the caller has it. */
export type Permissions = Schemas["Permissions"];
/** A field that a response contains only on request. */
export type Expand = Schemas["Expand"];

/** Parameters of every call. */
export interface TracingParams {
  /** A UUID that is sent with the call and with each of its retries. Default: a random one. */
  "X-Client-Request-ID"?: string | undefined;
}

/** Parameters of calls whose response can be expanded. */
export interface ExpandParams {
  /** Fields to add to the response. */
  expand?: readonly Expand[] | undefined;
}

type ListQuery = NonNullable<operations["listServiceAccounts"]["parameters"]["query"]>;
/** Parameters of a list call. With `before`, pages are read backwards. */
export type ListParams = OrUndefined<Omit<ListQuery, "expand[]">> & ExpandParams & TracingParams;
/** Values of a new service account or credential. */
export type CreateParams = OrUndefined<Schemas["Create"]> & TracingParams;
/** Values to change in a service account or credential; those left out stay as they are. */
export type UpdateParams = OrUndefined<Schemas["Update"]> & TracingParams;

/** The organization of a service account. */
export interface InOrganization extends TracingParams {
  /** The organization's ID or label. */
  organization_id: string;
}

/** The service account of a credential. */
export interface InServiceAccount extends InOrganization {
  service_account_id: string;
}

export type ServiceAccountCreateParams = CreateParams;
export type ServiceAccountListParams = ListParams;
export type ServiceAccountRetrieveParams = InOrganization & ExpandParams;
export type ServiceAccountUpdateParams = InOrganization & UpdateParams;
export type ServiceAccountDeleteParams = InOrganization;
export type CredentialCreateParams = InOrganization & CreateParams;
export type CredentialListParams = InOrganization & ListParams;
export type CredentialRetrieveParams = InServiceAccount & ExpandParams;
export type CredentialUpdateParams = InServiceAccount & UpdateParams;
export type CredentialDeleteParams = InServiceAccount;
