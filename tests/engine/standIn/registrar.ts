import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../values";
import { keepSecrets, reveal, unknown } from "../values";
import { Executor } from "./executor";
import type { FunctionCall, Goal } from "./monitor";
import type { Operation } from "./operation";
import { Planner } from "./planner";
import type { Stack } from "./stack";
import type { Resource } from "./state";
import { withSecretOutputs } from "./state";

/** Turns the declarations of a program into steps: plans them one at a time, and executes many at the same time. */
export class Registrar {
  private readonly seen = new Set<string>();
  private readonly defaultProviders = new Map<string, Promise<Resource>>();
  private readonly planner: Planner;
  private readonly executor: Executor;

  constructor(
    private readonly operation: Operation,
    private readonly stack: Stack,
  ) {
    this.planner = new Planner(operation);
    this.executor = new Executor(operation);
  }

  /** Registers a resource. @throws Stop if its step fails */
  async register(goal: Goal): Promise<Resource> {
    const resource = this.claim(goal);
    const old = this.old(resource.urn, goal.aliases);
    if (!resource.custom) return this.keep(resource, old);
    if (isProvider(resource)) return this.keepProvider(resource, old, goal.version);
    if (goal.importId) resource.importID = goal.importId;
    resource.provider = await this.providerOf(goal);
    const plan = await this.planner.plan(resource, old, goal.deleteBeforeReplace);
    if (goal.importId && !old) return this.executor.import(resource, goal.importId);
    if (!old || plan === "create") return this.executor.create(resource);
    if (plan === "replace") return this.executor.replace(resource, old);
    if (plan === "update") return this.executor.update(resource, old);
    if (plan === "same") return this.keep(resource, old);
    return this.executor.recreate(resource, old, plan.first);
  }

  /** Reads an existing object without managing it. @throws Stop if that fails */
  async read(goal: Goal, id: string): Promise<Resource> {
    const resource: Resource = { ...this.claim(goal), id, external: true };
    const { snapshot } = this.operation;
    const old = snapshot.old(resource.urn);
    resource.provider = await this.providerOf(goal);
    await this.operation.journal.step("read", { after: resource }, async () => {
      const inputs = reveal(resource.inputs);
      const provider = await this.operation.provider(resource);
      await snapshot.during("reading", resource, async () => {
        const live = id === unknown ? { outputs: {} } : await provider.read(resource.urn, id, inputs, inputs);
        resource.outputs = keepSecrets(live.outputs, resource.inputs);
        await snapshot.add(withSecretOutputs(resource), old);
      });
    });
    return resource;
  }

  /** Records the outputs of a component, such as the stack itself. */
  async registerOutputs(urn: string, outputs: Properties): Promise<void> {
    const resource = this.operation.snapshot.get(urn);
    if (resource) resource.outputs = outputs;
    await this.operation.snapshot.save();
  }

  private keep(resource: Resource, old: Resource | undefined): Promise<Resource> {
    if (!old) return this.executor.keep(resource, old, "create");
    const { id, outputs } = old;
    return this.executor.keep({ ...resource, ...(id !== undefined && { id }), outputs }, old, "same");
  }

  private claim({ name, declared }: Goal): Resource {
    const urn = this.stack.urn(declared.parent ?? "", declared.type, name);
    if (this.seen.has(urn)) {
      const message = `Duplicate resource URN '${urn}'; try giving it a unique name`;
      throw this.operation.journal.stop({ message, urn });
    }
    this.seen.add(urn);
    return { urn, ...declared, outputs: {} };
  }

  /** Calls a function of a provider. The program receives an error, and may handle it. */
  async invoke({ token, args, version, provider }: FunctionCall): Promise<Properties> {
    const reference = provider || (await this.defaultProvider(token, version));
    const found = (await this.operation.remote(reference)).invoke(token, reveal(args));
    const { result, failures } = await found.catch((error: Error) => {
      throw new Error(`invocation of ${token} returned an error: ${error.message}`);
    });
    for (const { reason } of failures) throw new Error(reason);
    return result;
  }

  /** Returns the resource in the state, which may have had another URN. */
  private old(urn: string, aliases: string[]): Resource | undefined {
    const { snapshot } = this.operation;
    return [urn, ...aliases].map((one) => snapshot.old(one)).find((found) => found !== undefined);
  }

  /** Returns a reference to the provider of a resource in the state. */
  private async providerOf({ declared: { type }, version, provider }: Goal): Promise<string> {
    return provider || this.defaultProvider(type, version);
  }

  private async defaultProvider(token: string, version: string): Promise<string> {
    const [name = ""] = token.split(":");
    const key = `${name} ${version}`;
    const known = this.defaultProviders.get(key) ?? this.registerDefaultProvider(name, version);
    this.defaultProviders.set(key, known);
    const { urn, id } = await known;
    return `${urn}::${id}`;
  }

  private registerDefaultProvider(name: string, version: string): Promise<Resource> {
    const type = `pulumi:providers:${name}`;
    const urn = this.stack.urn("", type, version ? `default_${version.replaceAll(".", "_")}` : "default");
    const inputs = this.stack.configInputs(name);
    const resource: Resource = { urn, type, custom: true, inputs, outputs: {} };
    return this.keepProvider(resource, this.operation.snapshot.old(urn), version);
  }

  /** Writes a provider into the state, with its checked settings. @throws Stop if they are rejected */
  private async keepProvider(
    resource: Resource,
    old: Resource | undefined,
    version: string,
  ): Promise<Resource> {
    const { journal, providers } = this.operation;
    const { urn } = resource;
    const news = { ...resource.inputs, ...(version && { version }) };
    const { inputs: outputs, failures } = await providers.checkConfig(resource, old?.inputs ?? {}, news);
    for (const { reason } of failures) throw journal.stop({ message: reason, urn });
    const inputs = version ? { ...outputs, __internal: {} } : outputs;
    const op = !old ? "create" : isDeepStrictEqual(old.outputs, outputs) ? "same" : "update";
    return this.executor.keep({ ...resource, inputs, outputs, id: old?.id ?? randomUUID() }, old, op);
  }
}

function isProvider({ type }: Resource): boolean {
  return type.startsWith("pulumi:providers:");
}
