/** The faults and the operations that meet them: rows and columns of the tables in docs/faults.md. */
import type { FaultRule, OperationId } from "pulumi-keycard/emulator";
import type { Program } from "./sequence";

export type Effect = Omit<FaultRule, "operation" | "skip" | "times">;

/** Milliseconds until a call times out: long enough for all other calls, so that their number is the same on any machine. */
export const timeout = 2000;

/** Fault rules by name. With `commit` or `body`, Keycard executes the request. */
export const effects: Record<string, Effect> = {
  "429 with Retry-After: 1": { status: 429, retryAfter: 1 },
  "429 with Retry-After: 61": { status: 429, retryAfter: 61 },
  "403": { status: 403 },
  "409": { status: 409 },
  "408": { status: 408 },
  "500": { status: 500 },
  "503 with Retry-After: 1": { status: 503, retryAfter: 1 },
  "connection reset": { reset: true },
  "500, executed": { status: 500, commit: true },
  "503 with Retry-After: 1, executed": { status: 503, retryAfter: 1, commit: true },
  "connection reset, executed": { reset: true, commit: true },
  "timeout, executed": { delayMs: 2 * timeout, commit: true },
  "response that is not JSON": { body: "malformed" },
  "truncated response": { body: "truncated" },
};

/** An operation of the provider, and its call that meets the fault. */
export interface Case {
  column: string;
  operation: OperationId;
  /** Number of earlier calls of the operation that meet no fault. */
  skip?: number;
  /** A fault that has to come first. */
  first?: FaultRule;
  /** The programs before, in their order. Default: an empty one. */
  before?: Program[];
  /** Days by which Keycard's clock moves forward then. */
  days?: number;
  /** The program that meets the fault. Default: a refresh does. */
  then?: Program;
}

const nothing: Program = { accounts: {}, credentials: {} };
const account: Program = { accounts: { a: { name: "one" } }, credentials: {} };
const renamed: Program = { accounts: { a: { name: "two" } }, credentials: {} };
const key: Program = { ...account, credentials: { k: { name: "one", account: "a" } } };
const keyRenamed: Program = { ...account, credentials: { k: { name: "two", account: "a" } } };
const rotating = (trigger: string, name = "one"): Program => ({
  ...account,
  credentials: { k: { name, account: "a", rotating: { trigger } } },
});
const lost: Effect = { reset: true, commit: true };

export const cases: Record<"account" | "credential" | "rotation", Case[]> = {
  account: [
    { column: "create", operation: "createServiceAccount", then: account },
    {
      column: "search",
      operation: "listServiceAccounts",
      skip: 1,
      first: { operation: "createServiceAccount", ...lost },
      then: account,
    },
    { column: "read", operation: "retrieveServiceAccount", before: [account] },
    { column: "update", operation: "updateServiceAccount", before: [account], then: renamed },
    { column: "delete", operation: "deleteServiceAccount", before: [account], then: nothing },
  ],
  credential: [
    { column: "create", operation: "createCredential", before: [account], then: key },
    {
      column: "search",
      operation: "listCredentials",
      skip: 1,
      first: { operation: "createCredential", ...lost },
      before: [account],
      then: key,
    },
    { column: "read", operation: "retrieveCredential", before: [key] },
    { column: "update", operation: "updateCredential", before: [key], then: keyRenamed },
    { column: "delete", operation: "deleteCredential", before: [key], then: account },
  ],
  rotation: [
    { column: "create", operation: "createCredential", before: [rotating("1")], then: rotating("2") },
    {
      column: "search",
      operation: "listCredentials",
      skip: 1,
      first: { operation: "createCredential", ...lost },
      before: [rotating("1")],
      then: rotating("2"),
    },
    // The first sign-in is that of Pulumi.
    { column: "sign-in", operation: "token", skip: 1, before: [rotating("1")], then: rotating("2") },
    {
      column: "revoke the older one",
      operation: "deleteCredential",
      before: [rotating("1"), rotating("2")],
      then: rotating("3"),
    },
    {
      column: "rename",
      operation: "updateCredential",
      skip: 1,
      before: [rotating("1"), rotating("2")],
      then: rotating("2", "two"),
    },
    {
      column: "retirement: read",
      operation: "retrieveCredential",
      before: [rotating("1"), rotating("2")],
      days: 3,
      then: rotating("2"),
    },
    {
      column: "retirement: revoke",
      operation: "deleteCredential",
      before: [rotating("1"), rotating("2")],
      days: 3,
      then: rotating("2"),
    },
  ],
};
