import { setTimeout as wait } from "node:timers/promises";
import { ApiError, badRequest, ConnectionCut } from "./errors";
import { explain } from "./explain";
import type { Response } from "./http";
import { Ajv } from "./thirdParty";
import type { ErrorObject, ValidateFunction } from "./thirdParty";
import type { FaultRule, OperationId } from "./types";

const EFFECTS = ["status", "delayMs", "reset", "body"] as const;

/**
 * The fault rules. Each call goes through them in the order in which they were added. A rule for another operation ignores the call; a rule
 * that still has calls to skip counts it and lets it pass; the first remaining rule applies, and later rules do not see the call.
 */
export class Faults {
  private rules: { rule: FaultRule; skip: number; times: number }[] = [];
  private readonly check: ValidateFunction<FaultRule>;

  constructor(operations: readonly string[]) {
    const options = { allErrors: true, allowUnionTypes: true, validateSchema: false };
    this.check = compiled ??= new Ajv(options).compile<FaultRule>(schema(operations));
  }

  /**
   * Adds one rule or a list of rules. An invalid rule prevents all of them.
   *
   * @throws ApiError 400
   */
  add(input: unknown): void {
    const rules: unknown[] = Array.isArray(input) ? input : [input];
    const added = rules.map((rule, index) => {
      const problem = this.problem(rule);
      if (problem) throw badRequest(rules.length > 1 ? `Rule ${index + 1}: ${problem}` : problem);
      return rule as FaultRule;
    });
    this.rules.push(...added.map((rule) => ({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 })));
  }

  clear(): void {
    this.rules = [];
  }

  /**
   * Returns the response to a call of the operation, unless a rule fails it before or after `act`.
   *
   * @param signal ends a wait when the emulator stops
   * @throws ApiError, ConnectionCut
   */
  async apply(operation: OperationId, signal: AbortSignal, act: () => Response): Promise<Response> {
    const rule = this.take(operation);
    if (!rule) return act();
    if (!rule.commit && !rule.body) {
      await fail(rule, signal);
      return act();
    }
    const response = responseOf(act);
    await fail(rule, signal);
    return rule.body ? damage(response, rule.body) : response;
  }

  private take(operation: OperationId): FaultRule | undefined {
    const matching = this.rules.find((entry) => matches(entry.rule, operation) && entry.skip-- <= 0);
    if (matching && --matching.times === 0) this.rules = this.rules.filter((entry) => entry !== matching);
    return matching?.rule;
  }

  private problem(rule: unknown): string | undefined {
    if (!this.check(rule)) return explain(this.check.errors as ErrorObject[]);
    const effects = EFFECTS.filter((name) => name in rule);
    if (effects.length !== 1) return "Exactly one of `status`, `delayMs`, `reset` and `body` is required.";
    const { status, retryAfter, commit } = rule;
    if (commit && status !== undefined && status < 500) {
      return "`commit` requires a `status` of 500 or more: a 4xx means that the server did not act.";
    }
    if (retryAfter === undefined) return undefined;
    if (status === undefined) return "`retryAfter` requires `status`.";
    return isRetryAfter(retryAfter) ? undefined : "`retryAfter` must be whole seconds or an HTTP date.";
  }
}

/** Returns refusals as responses: a call that uses up a rule must show the fault. */
function responseOf(act: () => Response): Response {
  try {
    return act();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

async function fail({ reset, status, retryAfter, delayMs }: FaultRule, signal: AbortSignal): Promise<void> {
  if (reset) throw new ConnectionCut();
  if (delayMs !== undefined)
    await wait(delayMs, undefined, { signal }).catch(() => {
      throw new ConnectionCut(); // The emulator stops.
    });
  if (status !== undefined) {
    const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
    throw new ApiError(
      status,
      "injected_fault",
      `A fault rule responds with ${status} to this call.`,
      headers,
    );
  }
}

/** A 204 cannot have a body to damage. */
function damage(response: Response, kind: NonNullable<FaultRule["body"]>): Response {
  const { status, body } = response.body === undefined ? { status: 200, body: {} } : response;
  return { ...response, status, body, damage: kind };
}

function matches(rule: FaultRule, operation: OperationId): boolean {
  return rule.operation === operation || (rule.operation === "*" && operation !== "token");
}

function isRetryAfter(value: number | string): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0;
  return new Date(value).toUTCString() === value;
}

/** Shared by all emulators: compiling takes longer than the rest of the start. */
let compiled: ValidateFunction<FaultRule> | undefined;

const schema = (operations: readonly string[]) => ({
  type: "object",
  additionalProperties: false,
  required: ["operation"],
  properties: {
    operation: { enum: [...operations, "*"] },
    skip: { type: "integer", minimum: 0 },
    times: { type: "integer", minimum: 1 },
    status: { type: "integer", minimum: 400, maximum: 599 },
    retryAfter: { type: ["number", "string"] },
    delayMs: { type: "integer", minimum: 1, maximum: 3_600_000 },
    reset: { const: true },
    body: { enum: ["malformed", "truncated"] },
    commit: { const: true },
  },
});
