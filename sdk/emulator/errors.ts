import type { components } from "../generated/api";

/** A refusal: thrown anywhere in the emulator, answered as the API documents its errors. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /**
   * @param message a sentence for people; it never repeats a value of the request, which might be a secret
   */
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  /** The documented body of an error. */
  get body(): components["schemas"]["Error"] {
    return { message: this.message, code: this.code, status: this.status };
  }
}

/** Thrown where there is nothing to answer, or nobody to answer to: the connection is cut. */
export class ConnectionCut extends Error {
  override readonly name = "ConnectionCut";
}

/** 400: what was sent cannot be understood. */
export const badRequest = (message: string): ApiError => new ApiError(400, "bad_request", message);

/** 404: what the path names does not exist. */
export const notFound = (message: string): ApiError => new ApiError(404, "not_found", message);

/** 405: the path exists, but not with this method. */
export const methodNotAllowed = (allowed: readonly string[]): ApiError => {
  const methods = allowed.join(", ");
  return new ApiError(405, "method_not_allowed", `This path takes ${methods} only.`, { Allow: methods });
};
