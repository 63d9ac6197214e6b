/** The result of a call, and the response that it was read from. */
export interface WithResponse<T> {
  readonly data: T;
  readonly response: Response;
}

/** The promise of a call's result. It also gives access to the response. */
export class APIPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag]: string = "APIPromise";
  readonly #call: Promise<WithResponse<T>>;

  /** @param call makes the call; what it throws rejects the promise */
  constructor(call: () => Promise<WithResponse<T>>) {
    this.#call = (async () => call())();
  }

  /** Returns the response of the last attempt, with its status, headers and unread body. Rejects like the call itself. */
  async asResponse(): Promise<Response> {
    return (await this.#call).response;
  }

  /** Returns the result and the response together. */
  withResponse(): Promise<WithResponse<T>> {
    return this.#call;
  }

  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#call.then(({ data }) => data).then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, rejected);
  }

  finally(done?: (() => void) | null): Promise<T> {
    return this.then().finally(done);
  }
}
