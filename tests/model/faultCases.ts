/** What can go wrong with a call, and where: the rows and the columns of the tables in docs/faults.md. */
import type { FaultRule, OperationId } from "pulumi-keycard/emulator";
import type { Program } from "./sequence";

export type Effect = Omit<FaultRule, "operation" | "skip" | "times">;

/** Milliseconds after which a call is given up: enough for every other one, so that as many are made on any machine. */
export const timeout = 2000;

/** In words, and as a rule. `commit`, and a spoiled body, mean that Keycard has acted. */
export const effects: Record<string, Effect> = {
  "429, wait a second": { status: 429, retryAfter: 1 },
  "403": { status: 403 },
  "409": { status: 409 },
  "408": { status: 408 },
  "500": { status: 500 },
  "503, wait a second": { status: 503, retryAfter: 1 },
  "connection cut": { reset: true },
  "500, but acted": { status: 500, commit: true },
  "503, wait a second, but acted": { status: 503, retryAfter: 1, commit: true },
  "connection cut, but acted": { reset: true, commit: true },
  "no answer in time, but acted": { delayMs: 2 * timeout, commit: true },
  "answer that is no JSON": { body: "malformed" },
  "answer cut short": { body: "truncated" },
};

/** An operation of the provider, and the call of it that fails. */
export interface Case {
  column: string;
  operation: OperationId;
  /** Calls of the operation that are let through before. */
  skip?: number;
  /** Another one that fails once before it, to get there. */
  first?: FaultRule;
  /** What is there before; without it, nothing. */
  before?: Program;
  /** What is declared then; without it, what is there is refreshed. */
  then?: Program;
}

const nothing: Program = { accounts: {}, credentials: {} };
const account: Program = { accounts: { a: { name: "one" } }, credentials: {} };
const renamed: Program = { accounts: { a: { name: "two" } }, credentials: {} };
const key: Program = { ...account, credentials: { k: { name: "one", account: "a" } } };
const keyRenamed: Program = { ...account, credentials: { k: { name: "two", account: "a" } } };
const lost: Effect = { reset: true, commit: true };

export const cases: Record<"account" | "credential", Case[]> = {
  account: [
    { column: "create", operation: "createServiceAccount", then: account },
    {
      column: "look",
      operation: "listServiceAccounts",
      skip: 1,
      first: { operation: "createServiceAccount", ...lost },
      then: account,
    },
    { column: "read", operation: "retrieveServiceAccount", before: account },
    { column: "update", operation: "updateServiceAccount", before: account, then: renamed },
    { column: "delete", operation: "deleteServiceAccount", before: account, then: nothing },
  ],
  credential: [
    { column: "create", operation: "createCredential", before: account, then: key },
    {
      column: "look",
      operation: "listCredentials",
      skip: 1,
      first: { operation: "createCredential", ...lost },
      before: account,
      then: key,
    },
    { column: "read", operation: "retrieveCredential", before: key },
    { column: "update", operation: "updateCredential", before: key, then: keyRenamed },
    { column: "delete", operation: "deleteCredential", before: key, then: account },
  ],
};
