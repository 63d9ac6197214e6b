import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../values";
import { isObject, isSecret, keepSecrets, reveal } from "../values";
import type { Operation } from "./operation";
import type { CheckFailure, Diff, Provider } from "./provider";
import type { Resource } from "./state";

/** What is to be done to get from what there is to what the program wants. */
export type Plan = "create" | "same" | "update" | "replace";

/** Finds out what is to be done, one resource after the other, so that each plan sees those before it. */
export class Planner {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly operation: Operation) {}

  /**
   * Plans for one resource, and completes its inputs as its provider wants them.
   * @throws Stop if the provider refuses them, or fails
   */
  plan(resource: Resource, old: Resource | undefined): Promise<Plan> {
    const turn = this.last.then(() => this.next(resource, old));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async next(resource: Resource, old: Resource | undefined): Promise<Plan> {
    const provider = await this.operation.provider(resource);
    const declared = resource.inputs;
    await this.check(provider, resource, declared, old?.inputs ?? {});
    if (!old) return "create";
    const { changes, replaces } = await this.diff(provider, resource, old);
    if (changes && replaces.length > 0) {
      // What it was before is no concern of the one that takes its place.
      await this.check(provider, resource, declared, {});
      return "replace";
    }
    return changes || (old.initErrors ?? []).length > 0 ? "update" : "same";
  }

  private async check(provider: Provider, resource: Resource, declared: Properties, olds: Properties) {
    const { journal } = this.operation;
    const { urn } = resource;
    const result = await this.blame(urn, provider.check(urn, reveal(olds), reveal(declared)));
    resource.inputs = keepSecrets(result.inputs, declared);
    const problems = result.failures.map((failure) => ({
      message: explain(failure, resource, declared),
      urn,
    }));
    for (const problem of problems.slice(0, -1)) journal.diagnose({ severity: "error", ...problem });
    const last = problems.at(-1);
    if (last) throw journal.stop(last);
  }

  private async diff(provider: Provider, resource: Resource, old: Resource): Promise<Diff> {
    if (isTriggered(resource, old)) return { changes: true, replaces: ["replacementTrigger"] };
    const { urn, id = "", inputs, outputs } = old;
    return this.blame(urn, provider.diff(urn, id, reveal(inputs), reveal(outputs), reveal(resource.inputs)));
  }

  private blame<T>(urn: string, work: Promise<T>): Promise<T> {
    return work.catch((error: Error) => {
      throw this.operation.journal.stop({ message: error.message, urn });
    });
  }
}

function isTriggered(resource: Resource, old: Resource): boolean {
  const [now, before] = [resource, old].map(
    ({ replacementTrigger }) => reveal(replacementTrigger) ?? undefined,
  );
  return now !== undefined && before !== undefined && !isDeepStrictEqual(now, before);
}

function explain({ property, reason }: CheckFailure, { type, urn }: Resource, declared: Properties): string {
  const name = urn.split("::").pop() ?? "";
  if (property === "") return `${type} resource '${name}' has a problem: ${reason}`;
  const value = goText(declared[property]);
  return `${type} resource '${name}': property ${property} value ${value} has a problem: ${reason}`;
}

/** How Pulumi shows a refused value: in the words of its programming language, a secret in clear. */
function goText(value: unknown): string {
  if (value === undefined) return "{<nil>}";
  if (isSecret(value)) return `{&{${goText(value.value)}}}`;
  if (Array.isArray(value)) return `{[${value.map(goText).join(" ")}]}`;
  if (!isObject(value)) return `{${String(value)}}`;
  const entries = Object.entries(value).map(([key, item]) => `${key}:${goText(item)}`);
  return `{map[${entries.sort().join(" ")}]}`;
}
