import type { components } from "../generated/api";

type Schemas = components["schemas"];

/** A service account, as the API tells it. */
export type ServiceAccount = Schemas["ServiceAccount"];
/** A service account's credential, as the API tells it: without its secret. */
export type ServiceAccountCredential = Schemas["Credential"];
/** What creating a credential answers: the only time that the API tells its `client_secret`. */
export type CredentialCreateResponse = Schemas["CredentialWithSecret"];
/** Where a page stands in its list. */
export type PageInfo = Schemas["PageInfo"];
/** Resource type, then permission, then whether the caller has it. */
export type Permissions = Schemas["Permissions"];
/** What an answer can be asked to hold in addition. */
export type Expand = Schemas["Expand"];

/** What every call can take among its parameters. */
export interface TracingParams {
  /**
   * A UUID that goes along with the call, and with each repeat of it, for tracing. By default a random one.
   */
  "X-Client-Request-ID"?: string | undefined;
}

/** Which part of a list to give. */
export interface ListParams extends TracingParams {
  /** Most items a page, 1 to 1000; the API's default is 100. */
  limit?: number | undefined;
  /** A page's `end_cursor`: gives the page after it. */
  after?: string | undefined;
  /**
   * A page's `start_cursor`: gives the page before it; walking on from there goes backwards, page by page.
   */
  before?: string | undefined;
  /** What to add to the answer. */
  expand?: readonly Expand[] | undefined;
}

/** What to set of a new service account or credential. */
export interface CreateParams extends TracingParams {
  /** A name for people, not empty; it need not be unique. */
  name: string;
  /** At most 500 characters. */
  description?: string | undefined;
}

/** What to change of a service account or credential; what is left out stays as it is. */
export interface UpdateParams extends TracingParams {
  /** A name for people, not empty; it need not be unique. */
  name?: string | undefined;
  /** At most 500 characters; an empty one clears it. */
  description?: string | undefined;
}

/** Whose service account is meant. */
export interface InOrganization extends TracingParams {
  /** The organization's ID or its label. */
  organization_id: string;
}

/** Whose credential is meant. */
export interface InServiceAccount extends InOrganization {
  /** The ID of the service account that the credential belongs to. */
  service_account_id: string;
}

/** What a single thing's answer can be asked to hold in addition. */
export interface ExpandParams {
  /** What to add to the answer; `total_count` means nothing here. */
  expand?: readonly Expand[] | undefined;
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
