import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../values";
import { isObject, isSecret, keepSecrets, reveal, unknown } from "../values";
import type { Operation } from "./operation";
import type { CheckFailure, Diff, Provider } from "./provider";
import type { Resource } from "./state";

/** The step that turns a resource in the state into the declared one; `recreate` deletes some resources first. */
export type Plan = "create" | "same" | "update" | "replace" | { op: "recreate"; first: Resource[] };

/** Plans the steps of resources one after the other, so that each plan sees those before it. */
export class Planner {
  private last: Promise<unknown> = Promise.resolve();
  /** URNs of the dependents that are deleted because a dependency is deleted before it is replaced. */
  private readonly dependents = new Set<string>();

  constructor(private readonly operation: Operation) {}

  /**
   * Plans the step of a resource, and replaces its inputs by the checked ones.
   * @throws Stop if the provider rejects them, or fails
   */
  plan(resource: Resource, old: Resource | undefined, deleteBeforeReplace = false): Promise<Plan> {
    const turn = this.last.then(() => this.next(resource, old, deleteBeforeReplace));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async next(
    resource: Resource,
    old: Resource | undefined,
    deleteBeforeReplace: boolean,
  ): Promise<Plan> {
    const provider = await this.operation.provider(resource);
    const declared = resource.inputs;
    const isDeleted = this.dependents.has(resource.urn);
    await this.check(provider, resource, declared, (!isDeleted && old?.inputs) || {});
    if (!old) return "create";
    if (isDeleted) return { op: "recreate", first: [] };
    const { changes, replaces } = await this.diff(provider, resource, old);
    if (!old.pendingReplacement && (!changes || replaces.length === 0))
      return changes || (old.initErrors ?? []).length > 0 ? "update" : "same";
    if (old.protect && resource.protect)
      this.operation.journal.refuse({ message: isProtected(resource), urn: resource.urn });
    // A replacement is checked as a new resource.
    await this.check(provider, resource, declared, {});
    if (!deleteBeforeReplace) return "replace";
    const dependents = await this.findDependents(old);
    for (const { urn } of dependents) this.dependents.add(urn);
    return { op: "recreate", first: [...dependents.reverse(), ...(old.pendingReplacement ? [] : [old])] };
  }

  /** Returns the resource and the dependents that would have to be replaced without it, in the order of the state. */
  private async findDependents(root: Resource): Promise<Resource[]> {
    const { snapshot, provider } = this.operation;
    const found = [root];
    for (const resource of snapshot.leftOver) {
      const inputs = withoutKnowing(found, resource);
      if (!inputs || resource.external || resource.delete) continue;
      const { urn, id = "", outputs } = resource;
      const diff = (await provider(resource)).diff(urn, id, reveal(resource.inputs), reveal(outputs), inputs);
      if ((await this.blame(urn, diff)).replaces.length > 0) found.push(resource);
    }
    return found.slice(1);
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
    const { urn } = resource;
    const { id = "", inputs, outputs } = old;
    return this.blame(urn, provider.diff(urn, id, reveal(inputs), reveal(outputs), reveal(resource.inputs)));
  }

  private blame<T>(urn: string, work: Promise<T>): Promise<T> {
    return work.catch((error: Error) => {
      throw this.operation.journal.stop({ message: error.message, urn });
    });
  }
}

/** A resource's inputs while some of its dependencies are deleted; `undefined` if it depends on none of them. */
function withoutKnowing(away: Resource[], { inputs, propertyDependencies = {} }: Resource) {
  const urns = away.map(({ urn }) => urn);
  const lost = Object.entries(propertyDependencies)
    .filter(([, dependencies]) => dependencies.some((urn) => urns.includes(urn)))
    .map(([key]): [string, string] => [key, unknown]);
  return lost.length > 0 ? { ...reveal(inputs), ...Object.fromEntries(lost) } : undefined;
}

function isProtected({ urn }: Resource): string {
  return `unable to replace resource "${urn}"
as it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your Pulumi program and run \`pulumi up\``;
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

/** Formats a rejected value as Pulumi does: in Go's notation, and a secret in plain text. */
function goText(value: unknown): string {
  if (value === undefined) return "{<nil>}";
  if (isSecret(value)) return `{&{${goText(value.value)}}}`;
  if (Array.isArray(value)) return `{[${value.map(goText).join(" ")}]}`;
  if (!isObject(value)) return `{${String(value)}}`;
  const entries = Object.entries(value).map(([key, item]) => `${key}:${goText(item)}`);
  return `{map[${entries.sort().join(" ")}]}`;
}
