import type { components } from "../generated/api";

/** A refusal, which is sent as the API's documented error. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  /** @param message a sentence without any value of the request, which might be a secret */
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

/** Cuts the connection instead of responding. */
export class ConnectionCut extends Error {
  override readonly name = "ConnectionCut";
}

/** 400: the request cannot be understood. */
export const badRequest = (message: string): ApiError => new ApiError(400, "bad_request", message);

/** 404: the path names an object that does not exist. */
export const notFound = (message: string): ApiError => new ApiError(404, "not_found", message);

/** 405: the path exists, but not with this method. */
export const methodNotAllowed = (allowed: readonly string[]): ApiError => {
  const methods = allowed.join(", ");
  return new ApiError(405, "method_not_allowed", `This path supports ${methods} only.`, { Allow: methods });
};
