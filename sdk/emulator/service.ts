import type { OpenAPIBackend } from "openapi-backend";
import type { ApiRequest, Handlers, Reply } from "./api";
import { route } from "./api";
import type { Answer, Call } from "./calls";
import { credentialHandlers } from "./routes/credentials";
import { Faults } from "./faults";
import { serviceAccountHandlers } from "./routes/serviceAccounts";
import { authorize, signIn } from "./routes/token";
import type { Store } from "./store";
import type { Tokens } from "./tokens";
import type { LoggedRequest, OperationId } from "./types";
import { validate } from "./validation";

/** Keycard's operations: what is answered to a call of the API. */
export class Service {
  readonly faults: Faults;
  private readonly handlers: Handlers;

  constructor(
    private readonly api: OpenAPIBackend,
    store: Store,
    private readonly tokens: Tokens,
  ) {
    this.faults = new Faults(api.getOperations().map(({ operationId }) => String(operationId)));
    this.handlers = {
      token: (request) => signIn(store, tokens, request),
      ...serviceAccountHandlers(store),
      ...credentialHandlers(store),
    };
  }

  /**
   * The order is part of the behaviour: a fault hits every call of its operation, authorized and valid or not, so that
   * tests can count on it; and who may not call at all learns nothing about what exists.
   *
   * @param logged told the operation as soon as it is known
   * @throws ApiError for every refusal, ConnectionCut for a fault that cuts
   */
  async answer(call: Call, logged: LoggedRequest, signal: AbortSignal): Promise<Answer> {
    const operation = route(this.api, call.method, call.path);
    logged.operation = operation;
    return this.faults.meet(operation, signal, () => {
      if (operation !== "token") authorize(this.tokens, call.headers.authorization);
      return this.act(operation, call);
    });
  }

  private act<O extends OperationId>(operation: O, call: Call): Reply<O> {
    const handler: (request: ApiRequest<O>) => Reply<O> = this.handlers[operation];
    return handler(validate(this.api, operation, call));
  }
}
