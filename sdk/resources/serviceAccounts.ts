import { hasId } from "../http/call";
import type { Caller } from "../http/call";
import { idSegment, organizationSegment } from "../http/path";
import { Credentials } from "./credentials";
import { list } from "./list";
import type { RequestOptions } from "../options";
import type { PagePromise } from "./page";
import type {
  ServiceAccount,
  ServiceAccountCreateParams,
  ServiceAccountDeleteParams,
  ServiceAccountListParams,
  ServiceAccountRetrieveParams,
  ServiceAccountUpdateParams,
} from "./types";

/**
 * The service accounts of an organization, which is named by its ID or its label. Every call may throw any
 * `APIError`.
 */
export class ServiceAccounts {
  readonly credentials: Credentials;
  readonly #call: Caller;

  constructor(call: Caller) {
    this.#call = call;
    this.credentials = new Credentials(call);
  }

  /**
   * Creates a service account. Made again only where it surely was not created; after any other error without
   * a status (a timeout, a lost connection) or with 5xx there may be one.
   */
  async create(
    organizationId: string,
    params: ServiceAccountCreateParams,
    options?: RequestOptions,
  ): Promise<ServiceAccount> {
    const { "X-Client-Request-ID": requestId, ...body } = params;
    const path = accounts(organizationId);
    return this.#call({ method: "POST", path, body, response: "ServiceAccount", requestId, options });
  }

  /**
   * Lists the service accounts: `await` gives a page, `for await` the accounts of this and all further pages.
   */
  list(
    organizationId: string,
    params: ServiceAccountListParams = {},
    options?: RequestOptions,
  ): PagePromise<ServiceAccount> {
    return list(this.#call, "ServiceAccountPage", () => accounts(organizationId), params, options);
  }

  /** Retrieves a service account. */
  async retrieve(
    id: string,
    params: ServiceAccountRetrieveParams,
    options?: RequestOptions,
  ): Promise<ServiceAccount> {
    const { organization_id, expand, "X-Client-Request-ID": requestId } = params;
    const path = account(organization_id, id);
    const query = { "expand[]": expand };
    return this.#call({
      method: "GET",
      path,
      query,
      response: "ServiceAccount",
      check: hasId(id),
      requestId,
      options,
    });
  }

  /** Changes what `params` names of a service account. */
  async update(
    id: string,
    params: ServiceAccountUpdateParams,
    options?: RequestOptions,
  ): Promise<ServiceAccount> {
    const { organization_id, "X-Client-Request-ID": requestId, ...body } = params;
    const path = account(organization_id, id);
    return this.#call({
      method: "PATCH",
      path,
      body,
      response: "ServiceAccount",
      check: hasId(id),
      requestId,
      options,
    });
  }

  /**
   * Deletes a service account and, with it, its credentials. `NotFoundError` if there is none, unless the
   * answer to an earlier attempt of this very call was lost: then it was this call that deleted it.
   */
  async delete(id: string, params: ServiceAccountDeleteParams, options?: RequestOptions): Promise<void> {
    const { organization_id, "X-Client-Request-ID": requestId } = params;
    const path = account(organization_id, id);
    await this.#call({ method: "DELETE", path, response: undefined, requestId, options });
  }
}

const accounts = (organizationId: string) =>
  `/organizations/${organizationSegment(organizationId)}/service-accounts`;

/** The path of a service account. */
const account = (organizationId: string, id: string) =>
  `${accounts(organizationId)}/${idSegment("the service account's ID", id)}`;
