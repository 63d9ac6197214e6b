import { APIPromise } from "../http/apiPromise";
import { hasId } from "../http/call";
import type { Caller } from "../http/call";
import { idSegment, organizationSegment } from "../http/path";
import type { RequestOptions } from "../options";
import { Credentials } from "./credentials";
import { list } from "./list";
import type { PagePromise } from "./page";
import type {
  ServiceAccount,
  ServiceAccountCreateParams,
  ServiceAccountDeleteParams,
  ServiceAccountListParams,
  ServiceAccountRetrieveParams,
  ServiceAccountUpdateParams,
} from "./types";

/** The service accounts of an organization, which is given by its ID or label. Every call may throw any `APIError`. */
export class ServiceAccounts {
  readonly credentials: Credentials;
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
    this.credentials = new Credentials(call);
  }

  /**
   * Creates a service account. Retries only if the server has certainly not created it; after an error with the `outcome`
   * `unknown` it may exist.
   */
  create(
    organizationId: string,
    params: ServiceAccountCreateParams,
    options?: RequestOptions,
  ): APIPromise<ServiceAccount> {
    return new APIPromise(() => {
      const { "X-Client-Request-ID": requestId, ...body } = params;
      const path = accountsPath(organizationId);
      return this.#call({ method: "POST", path, body, response: "ServiceAccount", requestId, options });
    });
  }

  /** Lists service accounts: `await` returns a page, `for await` iterates over the accounts of this and all further pages. */
  list(
    organizationId: string,
    params: ServiceAccountListParams = {},
    options?: RequestOptions,
  ): PagePromise<ServiceAccount> {
    return list(this.#call, "ServiceAccountPage", () => accountsPath(organizationId), params, options);
  }

  /** Retrieves a service account. */
  retrieve(
    id: string,
    params: ServiceAccountRetrieveParams,
    options?: RequestOptions,
  ): APIPromise<ServiceAccount> {
    return new APIPromise(() => {
      const { organization_id, expand, "X-Client-Request-ID": requestId } = params;
      const request = { method: "GET", path: accountPath(organization_id, id), requestId, options } as const;
      const query = { "expand[]": expand };
      return this.#call({ ...request, query, response: "ServiceAccount", check: hasId(id) });
    });
  }

  /** Changes those values of a service account that `params` contains. */
  update(
    id: string,
    params: ServiceAccountUpdateParams,
    options?: RequestOptions,
  ): APIPromise<ServiceAccount> {
    return new APIPromise(() => {
      const { organization_id, "X-Client-Request-ID": requestId, ...body } = params;
      const request = {
        method: "PATCH",
        path: accountPath(organization_id, id),
        requestId,
        options,
      } as const;
      return this.#call({ ...request, body, response: "ServiceAccount", check: hasId(id) });
    });
  }

  /**
   * Deletes a service account and its credentials. Throws a `NotFoundError` if it does not exist, unless the response to an
   * earlier attempt of this call was lost: then that attempt deleted it.
   */
  delete(id: string, params: ServiceAccountDeleteParams, options?: RequestOptions): APIPromise<void> {
    return new APIPromise(() => {
      const { organization_id, "X-Client-Request-ID": requestId } = params;
      const path = accountPath(organization_id, id);
      return this.#call({ method: "DELETE", path, response: undefined, requestId, options });
    });
  }
}

const accountsPath = (organizationId: string) =>
  `/organizations/${organizationSegment(organizationId)}/service-accounts`;

const accountPath = (organizationId: string, id: string) =>
  `${accountsPath(organizationId)}/${idSegment("the service account's ID", id)}`;
