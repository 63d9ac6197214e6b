import { hasId } from "../http/call";
import type { Caller } from "../http/call";
import { idSegment, organizationSegment } from "../http/path";
import { list } from "./list";
import type { RequestOptions } from "../options";
import type { PagePromise } from "./page";
import type {
  CredentialCreateParams,
  CredentialCreateResponse,
  CredentialDeleteParams,
  CredentialListParams,
  CredentialRetrieveParams,
  CredentialUpdateParams,
  InOrganization,
  InServiceAccount,
  ServiceAccountCredential,
} from "./types";

/** The credentials of a service account. Every call may throw any `APIError`. */
export class Credentials {
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
  }

  /**
   * Creates a credential. **Only this answer ever tells its `client_secret`.** Made again only where it
   * surely was not created; after any other error without a status (a timeout, a lost connection) or with 5xx
   * there may be one, whose secret nobody knows.
   */
  async create(
    serviceAccountId: string,
    params: CredentialCreateParams,
    options?: RequestOptions,
  ): Promise<CredentialCreateResponse> {
    const { organization_id, "X-Client-Request-ID": requestId, ...body } = params;
    const path = credentials(serviceAccountId, { organization_id });
    return this.#call({ method: "POST", path, body, response: "CredentialWithSecret", requestId, options });
  }

  /**
   * Lists the credentials: `await` gives a page, `for await` the credentials of this and all further pages.
   */
  list(
    serviceAccountId: string,
    params: CredentialListParams,
    options?: RequestOptions,
  ): PagePromise<ServiceAccountCredential> {
    return list(this.#call, "CredentialPage", () => credentials(serviceAccountId, params), params, options);
  }

  /** Retrieves a credential, without its secret. */
  async retrieve(
    id: string,
    params: CredentialRetrieveParams,
    options?: RequestOptions,
  ): Promise<ServiceAccountCredential> {
    const { expand, "X-Client-Request-ID": requestId } = params;
    const path = credential(id, params);
    const query = { "expand[]": expand };
    return this.#call({
      method: "GET",
      path,
      query,
      response: "Credential",
      check: hasId(id),
      requestId,
      options,
    });
  }

  /** Changes what `params` names of a credential. */
  async update(
    id: string,
    params: CredentialUpdateParams,
    options?: RequestOptions,
  ): Promise<ServiceAccountCredential> {
    const { organization_id, service_account_id, "X-Client-Request-ID": requestId, ...body } = params;
    const path = credential(id, { organization_id, service_account_id });
    return this.#call({
      method: "PATCH",
      path,
      body,
      response: "Credential",
      check: hasId(id),
      requestId,
      options,
    });
  }

  /**
   * Deletes a credential: its secret and its tokens stop working. `NotFoundError` if there is none, unless
   * the answer to an earlier attempt of this very call was lost: then it was this call that deleted it.
   */
  async delete(id: string, params: CredentialDeleteParams, options?: RequestOptions): Promise<void> {
    const path = credential(id, params);
    const requestId = params["X-Client-Request-ID"];
    await this.#call({ method: "DELETE", path, response: undefined, requestId, options });
  }
}

function credentials(serviceAccountId: string, { organization_id }: InOrganization): string {
  const organization = organizationSegment(organization_id);
  return `/organizations/${organization}/service-accounts/${idSegment("service_account_id", serviceAccountId)}/credentials`;
}

function credential(id: string, params: InServiceAccount): string {
  return `${credentials(params.service_account_id, params)}/${idSegment("the credential's ID", id)}`;
}
