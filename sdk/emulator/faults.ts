import { setTimeout as wait } from "node:timers/promises";
import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import type { Answer } from "./calls";
import { ApiError, badRequest, ConnectionCut } from "./errors";
import { explain } from "./explain";
import type { FaultRule, OperationId } from "./types";

const EFFECTS = ["status", "delayMs", "reset", "body"] as const;

/**
 * The rules by which calls fail. A call is offered to the rules in the order in which they were added: a rule that is used
 * up or is for another operation leaves it alone, one that still skips counts it and leaves it to the next, and the first
 * that hits it takes it, so that later rules neither see nor count it.
 */
export class Faults {
  private rules: { rule: FaultRule; skip: number; times: number }[] = [];
  private readonly check: ValidateFunction<FaultRule>;

  constructor(operations: readonly string[]) {
    this.check = compiled ??= compile(operations);
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
   * What is answered to a call of the operation; a rule may let it fail, before it is acted on or after.
   *
   * @param signal ends a wait when the emulator stops
   * @param act acts on the call
   * @throws ApiError, ConnectionCut
   */
  async meet(operation: OperationId, signal: AbortSignal, act: () => Answer): Promise<Answer> {
    const rule = this.take(operation);
    if (!rule) return act();
    if (!rule.commit && !rule.body) {
      await fail(rule, signal);
      return act();
    }
    const answer = answerOf(act);
    await fail(rule, signal);
    return rule.body ? spoil(answer, rule.body) : answer;
  }

  private take(operation: OperationId): FaultRule | undefined {
    const hitting = this.rules.find((entry) => matches(entry.rule, operation) && entry.skip-- <= 0);
    if (hitting && --hitting.times === 0) this.rules = this.rules.filter((entry) => entry !== hitting);
    return hitting?.rule;
  }

  private wrong(rule: unknown): string | undefined {
    if (!this.check(rule)) return explain(this.check.errors as ErrorObject[]);
    const effects = EFFECTS.filter((name) => name in rule);
    if (effects.length !== 1) return "Exactly one of `status`, `delayMs`, `reset` and `body` is required.";
    const { status, retryAfter, commit } = rule;
    if (commit && status !== undefined && status < 500) {
      return "`commit` goes with a `status` from 500 on: a 4xx says that the call was not acted on.";
    }
    if (retryAfter === undefined) return undefined;
    if (status === undefined) return "`retryAfter` goes with `status` only.";
    return isRetryAfter(retryAfter) ? undefined : "`retryAfter` must be whole seconds or an HTTP date.";
  }
}

/** Refusals are answers here: a rule that is used up by a call also shows. */
function answerOf(act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, headers, body } = error;
    return { status, headers, body };
  }
}

async function fail({ reset, status, retryAfter, delayMs }: FaultRule, signal: AbortSignal): Promise<void> {
  if (reset) throw new ConnectionCut();
  if (delayMs !== undefined) await delay(delayMs, signal);
  if (status !== undefined) {
    const headers = retryAfter === undefined ? {} : { "Retry-After": String(retryAfter) };
    throw new ApiError(status, "injected_fault", `A fault rule answers ${status} to this call.`, headers);
  }
}

/** A 204 cannot have a body, and without one there is nothing to spoil. */
function spoil(answer: Answer, spoiled: NonNullable<FaultRule["body"]>): Answer {
  return answer.body === undefined ? { ...answer, status: 200, body: {}, spoiled } : { ...answer, spoiled };
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

/** For all emulators, since it takes longer than all else that starts one. */
let compiled: ValidateFunction<FaultRule> | undefined;

const compile = (operations: readonly string[]) =>
  new Ajv({ allErrors: true, allowUnionTypes: true }).compile<FaultRule>(schema(operations));

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
