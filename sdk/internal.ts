/** Parts of the client that `provider/` shares. They are not for users: the package does not export this file. */
export * as schemas from "./generated/validators";
export { isNotFound, mayBeDone } from "./http/call";
export { exceedsMaxRetryAfter, repeat } from "./http/retry";
