/** Parts of the client that `provider/` shares. They are not for users: the package does not export this file. */
export { isAboutCredentials } from "./auth/clientCredentials";
export { variableOf } from "./environment";
export { description, version } from "./generated/package";
export * as schemas from "./generated/validators";
export { isNotFound, isOutcomeUnknown } from "./http/call";
export { parseJson } from "./http/response";
export { backoff, exceedsMaxRetryAfter } from "./http/retry";
