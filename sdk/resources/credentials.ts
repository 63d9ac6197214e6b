import { APIPromise } from "../http/apiPromise";
import { hasId } from "../http/call";
import type { Caller } from "../http/call";
import { idSegment, organizationSegment } from "../http/path";
import type { RequestOptions } from "../options";
import { list } from "./list";
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
   * Creates a credential. **Only this response ever contains its `client_secret`.** Retries only if the server has certainly
   * not created it; after an error with the `outcome` `unknown` it may exist, with a secret that nobody received.
   */
  create(
    serviceAccountId: string,
    params: CredentialCreateParams,
    options?: RequestOptions,
  ): APIPromise<CredentialCreateResponse> {
    return new APIPromise(() => {
      const { organization_id, "X-Client-Request-ID": requestId, ...body } = params;
      const path = credentialsPath(serviceAccountId, { organization_id });
      return this.#call({ method: "POST", path, body, response: "CredentialWithSecret", requestId, options });
    });
  }

  /** Lists credentials: `await` returns a page, `for await` iterates over the credentials of this and all further pages. */
  list(
    serviceAccountId: string,
    params: CredentialListParams,
    options?: RequestOptions,
  ): PagePromise<ServiceAccountCredential> {
    const path = () => credentialsPath(serviceAccountId, params);
    return list(this.#call, "CredentialPage", path, params, options);
  }

  /** Retrieves a credential, without its secret. */
  retrieve(
    id: string,
    params: CredentialRetrieveParams,
    options?: RequestOptions,
  ): APIPromise<ServiceAccountCredential> {
    return new APIPromise(() => {
      const { expand, "X-Client-Request-ID": requestId } = params;
      const request = { method: "GET", path: credentialPath(id, params), requestId, options } as const;
      const query = { "expand[]": expand };
      return this.#call({ ...request, query, response: "Credential", check: hasId(id) });
    });
  }

  /** Changes those values of a credential that `params` contains. */
  update(
    id: string,
    params: CredentialUpdateParams,
    options?: RequestOptions,
  ): APIPromise<ServiceAccountCredential> {
    return new APIPromise(() => {
      const { organization_id, service_account_id, "X-Client-Request-ID": requestId, ...body } = params;
      const path = credentialPath(id, { organization_id, service_account_id });
      const request = { method: "PATCH", path, requestId, options } as const;
      return this.#call({ ...request, body, response: "Credential", check: hasId(id) });
    });
  }

  /**
   * Deletes a credential: its secret and its tokens stop working. Throws a `NotFoundError` if it does not exist, unless the
   * response to an earlier attempt of this call was lost: then that attempt deleted it.
   */
  delete(id: string, params: CredentialDeleteParams, options?: RequestOptions): APIPromise<void> {
    return new APIPromise(() => {
      const path = credentialPath(id, params);
      const requestId = params["X-Client-Request-ID"];
      return this.#call({ method: "DELETE", path, response: undefined, requestId, options });
    });
  }
}

function credentialsPath(serviceAccountId: string, { organization_id }: InOrganization): string {
  const account = idSegment("service_account_id", serviceAccountId);
  return `/organizations/${organizationSegment(organization_id)}/service-accounts/${account}/credentials`;
}

function credentialPath(id: string, params: InServiceAccount): string {
  const credentials = credentialsPath(params.service_account_id, params);
  return `${credentials}/${idSegment("the credential's ID", id)}`;
}
