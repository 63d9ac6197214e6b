import type { OpenAPIBackend } from "./thirdParty";
import type { ApiRequest, ApiResponse, Handlers } from "./api";
import { route } from "./api";
import { Faults } from "./faults";
import type { Request, Response } from "./http";
import { credentialHandlers } from "./routes/credentials";
import { serviceAccountHandlers } from "./routes/serviceAccounts";
import { authorize, signIn } from "./routes/token";
import type { Store } from "./store";
import type { LoggedRequest, OperationId } from "./types";
import { validate } from "./validation";

/** Keycard's operations. */
export class Service {
  readonly faults: Faults;
  private readonly handlers: Handlers;

  /** @param tokenLifetime in seconds */
  constructor(
    private readonly api: OpenAPIBackend,
    readonly store: Store,
    tokenLifetime: number,
  ) {
    this.faults = new Faults(api.getOperations().map(({ operationId }) => String(operationId)));
    this.handlers = {
      token: (request) => signIn(store, tokenLifetime, request),
      ...serviceAccountHandlers(store),
      ...credentialHandlers(store),
    };
  }

  /**
   * Handles a call. Fault rules come first, so that tests can count on them even for invalid calls; then authorization, so that
   * others cannot find out what exists.
   *
   * @param logged receives the operation
   * @throws ApiError for a refusal, ConnectionCut for a fault that cuts the connection
   */
  async handle(request: Request, logged: LoggedRequest, signal: AbortSignal): Promise<Response> {
    const operation = route(this.api, request.method, request.path);
    logged.operation = operation;
    return this.faults.apply(operation, signal, () => {
      if (operation !== "token") authorize(this.store, request.headers.authorization);
      return this.act(operation, request);
    });
  }

  private act<O extends OperationId>(operation: O, request: Request): ApiResponse<O> {
    const handler: (request: ApiRequest<O>) => ApiResponse<O> = this.handlers[operation];
    return handler(validate(this.api, operation, request));
  }
}
