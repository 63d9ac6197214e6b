import { setTimeout as wait } from "node:timers/promises";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { ApiError, badRequest, ConnectionCut } from "./errors";
import { explain } from "./explain";
import type { FaultRule, OperationId } from "./types";

const EFFECTS = ["status", "delayMs", "reset"] as const;

/**
 * The rules by which calls fail. A call is offered to the rules in the order in which they were added: a rule that is used
 * up or is for another operation leaves it alone, one that still skips counts it and leaves it to the next, and the first
 * that hits it takes it, so that later rules neither see nor count it.
 */
export class Faults {
  private rules: { rule: FaultRule; skip: number; times: number }[] = [];
  private readonly check: ValidateFunction<FaultRule>;

  constructor(operations: readonly string[]) {
    this.check = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<FaultRule>(schema(operations));
  }

  /**
   * Adds one rule or a list of them: all, or on an error none.
   *
   * @throws ApiError 400
   */
  add(input: unknown): void {
    const rules: unknown[] = Array.isArray(input) ? input : [input];
    const added = rules.map((rule, index) => {
      const wrong = this.wrong(rule);
      if (wrong) throw badRequest(rules.length > 1 ? `Rule ${index + 1}: ${wrong}` : wrong);
      return rule as FaultRule;
    });
    this.rules.push(...added.map((rule) => ({ rule, skip: rule.skip ?? 0, times: rule.times ?? 1 })));
  }

  clear(): void {
    this.rules = [];
  }

  /**
   * Lets a call of the operation fail if a rule says so.
   *
   * @param signal ends a wait when the emulator stops
   * @throws ApiError, ConnectionCut
   */
  async hit(operation: OperationId, signal: AbortSignal): Promise<void> {
    const rule = this.take(operation);
    if (rule?.reset) throw new ConnectionCut();
    if (rule?.delayMs !== undefined) await delay(rule.delayMs, signal);
    if (rule?.status !== undefined) {
      const { status, retryAfter } = rule;
      const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
      throw new ApiError(status, "injected_fault", `A fault rule answers ${status} to this call.`, headers);
    }
  }

  private take(operation: OperationId): FaultRule | undefined {
    const hitting = this.rules.find((entry) => matches(entry.rule, operation) && entry.skip-- <= 0);
    if (hitting && --hitting.times === 0) this.rules = this.rules.filter((entry) => entry !== hitting);
    return hitting?.rule;
  }

  private wrong(rule: unknown): string | undefined {
    if (!this.check(rule)) return explain(this.check.errors as ErrorObject[]);
    const { status, retryAfter } = rule;
    const effects = EFFECTS.filter((name) => name in rule);
    if (effects.length !== 1) return "Exactly one of `status`, `delayMs` and `reset` is required.";
    if (retryAfter === undefined) return undefined;
    if (status === undefined) return "`retryAfter` goes with `status` only.";
    return isRetryAfter(retryAfter) ? undefined : "`retryAfter` must be whole seconds or an HTTP date.";
  }
}

async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(milliseconds, undefined, { signal });
  } catch {
    throw new ConnectionCut(); // The emulator stops.
  }
}

function matches(rule: FaultRule, operation: OperationId): boolean {
  return rule.operation === operation || (rule.operation === "*" && operation !== "token");
}

function isRetryAfter(value: number | string): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0;
  return new Date(value).toUTCString() === value;
}

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
  },
});
