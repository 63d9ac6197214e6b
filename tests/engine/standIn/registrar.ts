import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../values";
import { isObject, isSecret, keepSecrets, reveal, unknown } from "../values";
import type { Goal } from "./monitor";
import type { Operation } from "./operation";
import type { CheckFailure, Live, Provider } from "./provider";
import { InitError } from "./provider";
import type { Stack } from "./stack";
import type { Resource } from "./state";
import { withSecretOutputs } from "./state";

type Plan = "create" | "same" | "update" | "replace";

/** Turns what a program declares into steps: one resource after the other is planned, many at a time are made. */
export class Registrar {
  private readonly seen = new Set<string>();
  private readonly defaultProviders = new Map<string, Promise<Resource>>();
  private planning: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly operation: Operation,
    private readonly stack: Stack,
  ) {}

  /** Makes one resource as the program wants it. @throws Stop if that fails */
  async register(goal: Goal): Promise<Resource> {
    const resource = this.claim(goal);
    const old = this.old(resource.urn);
    const same: Resource = { ...resource, ...(old?.id && { id: old.id }), outputs: old?.outputs ?? {} };
    if (!goal.custom) return this.keep(same, old, old ? "same" : "create");
    resource.provider = await this.defaultProvider(goal);
    const plan = await this.inTurn(() => this.plan(resource, old, goal.inputs));
    if (plan === "replace" && old) return this.replace(resource, old);
    if (plan === "update" && old) return this.update(resource, old);
    if (plan === "same") return this.keep({ ...same, ...resource, outputs: same.outputs }, old, "same");
    return this.create(resource);
  }

  /** Reads one existing resource, which is not managed then. @throws Stop if that fails */
  async read(goal: Goal, id: string): Promise<Resource> {
    const resource: Resource = { ...this.claim(goal), id, external: true };
    const old = this.old(resource.urn);
    resource.provider = await this.defaultProvider(goal);
    await this.operation.journal.step("read", { after: resource }, async () => {
      const inputs = reveal(resource.inputs);
      const provider = await this.operation.provider(resource);
      const live = id === unknown ? { outputs: {} } : await provider.read(resource.urn, id, inputs, inputs);
      resource.outputs = keepSecrets(live.outputs, resource.inputs);
      await this.operation.snapshot.add(withSecretOutputs(resource), old);
    });
    return resource;
  }

  /** Takes the outputs that a component has, such as the stack itself, after everything in it is declared. */
  async registerOutputs(urn: string, outputs: Properties): Promise<void> {
    const resource = this.operation.snapshot.get(urn);
    if (resource) resource.outputs = outputs;
    await this.operation.snapshot.save();
  }

  private old(urn: string): Resource | undefined {
    return this.operation.snapshot.leftOver.find((resource) => resource.urn === urn && !resource.delete);
  }

  private claim(goal: Goal): Resource {
    const {
      type,
      name,
      parent,
      custom,
      inputs,
      dependencies,
      propertyDependencies,
      additionalSecretOutputs,
    } = goal;
    const urn = this.stack.urn(parent, type, name);
    if (this.seen.has(urn)) {
      const message = `Duplicate resource URN '${urn}'; try giving it a unique name`;
      throw this.operation.journal.stop({ message, urn });
    }
    this.seen.add(urn);
    const declared = {
      urn,
      type,
      custom,
      inputs,
      dependencies,
      propertyDependencies,
      additionalSecretOutputs,
    };
    return { ...declared, ...(parent && { parent }), outputs: {} };
  }

  /** Pulumi plans one resource at a time, so that a plan sees those before it. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.planning.then(work);
    this.planning = turn.catch(() => undefined);
    return turn;
  }

  private async plan(resource: Resource, old: Resource | undefined, declared: Properties): Promise<Plan> {
    const provider = await this.operation.provider(resource);
    await this.check(provider, resource, declared, old?.inputs ?? {});
    if (!old) return "create";
    const [oldInputs, outputs, inputs] = [old.inputs, old.outputs, resource.inputs].map(reveal<Properties>);
    const { urn, id = "" } = old;
    const diff = await this.blame(urn, provider.diff(urn, id, oldInputs ?? {}, outputs ?? {}, inputs ?? {}));
    if (diff.changes && diff.replaces.length > 0) {
      // What it was before is no concern of the one that takes its place.
      await this.check(provider, resource, declared, {});
      return "replace";
    }
    return diff.changes || (old.initErrors ?? []).length > 0 ? "update" : "same";
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

  private blame<T>(urn: string, work: Promise<T>): Promise<T> {
    return work.catch((error: Error) => {
      throw this.operation.journal.stop({ message: error.message, urn });
    });
  }

  /** For what changes nothing outside the state. */
  private keep(
    resource: Resource,
    old: Resource | undefined,
    op: "create" | "same" | "update",
  ): Promise<Resource> {
    const now = new Date().toISOString();
    const { created = now, modified = now } = old ?? {};
    const kept: Resource = { ...resource, created, modified: op === "update" ? now : modified };
    return this.operation.journal.step(op, { before: old, after: kept }, async () => {
      await this.operation.snapshot.add(kept, old);
      return kept;
    });
  }

  private create(resource: Resource): Promise<Resource> {
    const { journal } = this.operation;
    return journal.step("create", { after: resource }, () => this.make(resource));
  }

  private async replace(resource: Resource, old: Resource): Promise<Resource> {
    const { journal, snapshot } = this.operation;
    const made = await journal.step("create-replacement", { before: old, after: resource }, () =>
      this.make(resource, () => snapshot.replace(old, { ...old, delete: true })),
    );
    return journal.step("replace", { before: old, after: made }, () => Promise.resolve(made));
  }

  private make(resource: Resource, before?: () => Promise<void>): Promise<Resource> {
    const { urn, inputs } = resource;
    return this.apply(resource, { before }, async (provider) =>
      this.operation.preview ? { id: "", outputs: inputs } : provider.create(urn, reveal(inputs)),
    );
  }

  private update(resource: Resource, old: Resource): Promise<Resource> {
    const { journal, preview } = this.operation;
    const { urn, id = "" } = old;
    return journal.step("update", { before: old, after: resource }, () =>
      this.apply(resource, { old }, async (provider) => {
        if (preview) return { id, outputs: resource.inputs };
        const [oldInputs, outputs, inputs] = [old.inputs, old.outputs, resource.inputs].map(
          reveal<Properties>,
        );
        return { id, outputs: await provider.update(urn, id, oldInputs ?? {}, outputs ?? {}, inputs ?? {}) };
      }),
    );
  }

  /** Lets the provider do it, and takes what came of it into the state, of what only half failed too. */
  private async apply(
    resource: Resource,
    { old, before }: { old?: Resource; before?: (() => Promise<void>) | undefined },
    work: (provider: Provider) => Promise<Live>,
  ): Promise<Resource> {
    let failure: InitError | undefined;
    const live = await work(await this.operation.provider(resource)).catch((error: unknown) => {
      if (!(error instanceof InitError)) throw error;
      failure = error;
      return error.live;
    });
    const modified = new Date().toISOString();
    const made = withSecretOutputs({
      ...resource,
      // What an update only half did shows up as a difference again in the next one.
      ...(failure && old && { inputs: old.inputs }),
      id: live.id,
      outputs: keepSecrets(live.outputs, resource.inputs),
      created: old?.created ?? modified,
      modified,
      initErrors: failure?.reasons ?? [],
    });
    await before?.();
    await this.operation.snapshot.add(made, old);
    if (failure) throw failure;
    return made;
  }

  /** The provider that serves a type unless the program says otherwise, as a reference to its record in the state. */
  private async defaultProvider({ type, version }: Goal): Promise<string> {
    const [name = ""] = type.split(":");
    const key = `${name} ${version}`;
    const known = this.defaultProviders.get(key) ?? this.registerProvider(name, version);
    this.defaultProviders.set(key, known);
    const { urn, id } = await known;
    return `${urn}::${id}`;
  }

  private async registerProvider(name: string, version: string): Promise<Resource> {
    const type = `pulumi:providers:${name}`;
    const urn = this.stack.urn("", type, version ? `default_${version.replaceAll(".", "_")}` : "default");
    const old = this.old(urn);
    const outputs = { ...(name === "pulumi-nodejs" && this.stack.configInputs), ...(version && { version }) };
    const inputs = version ? { ...outputs, __internal: {} } : outputs;
    const resource: Resource = { urn, type, custom: true, id: old?.id ?? randomUUID(), inputs, outputs };
    this.seen.add(urn);
    const op = !old ? "create" : isDeepStrictEqual(old.outputs, outputs) ? "same" : "update";
    return this.keep(resource, old, op);
  }
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
