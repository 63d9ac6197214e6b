/** A stack whose program is a list of declarations, with the emulator behind it. */
import type ms from "ms";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator, FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
import type { ServiceAccount, ServiceAccountCredential, ServiceAccounts } from "pulumi-keycard/sdk";
import { EngineError, openEngine } from "../engine";
import type { Engine, Outcome } from "../engine";
import { decrypted } from "../engine/decrypted";
import type { StoredResource } from "../engine/decrypted";
import { configure, keycardOf, signsIn } from "../engine/keycard";
import { makeProject } from "../engine/project";
import type { Program, Project } from "../engine/project";
import { addFault } from "./client";
import { advanceClock } from "./clock";
import { provider } from "./provider";
import { tamper } from "./tamper";
import type { Proxy as TamperingProxy, Respond, Target } from "./tamper";

type Resources = Program["resources"];
type Declaration = Resources[string];

export function account(args: object = {}, options: object = {}): Declaration {
  return { type: "ServiceAccount", args: { ...args }, options: { ...options } };
}

export function credential(args: object, options: object = {}): Declaration {
  return { type: "ServiceAccountCredential", args: { ...args }, options: { ...options } };
}

/** A credential of the account that the program calls `deployer`. */
export function key(args: object = {}, options: object = {}): Declaration {
  return credential({ serviceAccountId: "${deployer.id}", ...args }, options);
}

/** A rotating credential of the account that the program calls `deployer`. */
export function rotating(args: object = {}, options: object = {}): Declaration {
  return {
    type: "RotatingCredential",
    args: { serviceAccountId: "${deployer.id}", ...args },
    options: { ...options },
  };
}

/** The account `deployer`, and a rotating credential with a value of the trigger `breach`. */
export function triggered(breach: string, args: object = {}): Resources {
  return { deployer: account(), key: rotating({ rotateWhenChanged: { breach }, ...args }) };
}

export function exclusive(args: object, options: object = {}): Declaration {
  return { type: "ExclusiveCredentials", args: { ...args }, options: { ...options } };
}

export function lookup(type: `get${string}Output`, args: object, options: object = {}): Declaration {
  return { type, args: { ...args }, options: { ...options } };
}

interface Change {
  name?: string;
  description?: string;
}

type Outputs = Record<string, string>;
type Variables = Record<string, string>;
type Env = (emulator: Emulator) => Variables | Promise<Variables>;

/**
 * Opens a stack for the whole suite, one for the whole suite that is emptied before each test, or a new one for each test. The result
 * stands for the current one.
 */
export function useStack(scope: "suite" | "emptied" | "test", env?: Env): Stack {
  let current: Stack;
  const [before, after] = scope === "test" ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => void (current = await Stack.open(env)));
  if (scope === "emptied") beforeEach(() => current.empty());
  after(() => current.close());
  return new Proxy({} as Stack, { get: (_target, name) => Reflect.get(current, name) as unknown });
}

/** A stack, as Pulumi and as Keycard see it. */
export class Stack {
  private readonly proxies: TamperingProxy[] = [];

  private constructor(
    readonly engine: Engine,
    readonly emulator: Emulator,
    readonly project: Project,
    /** All lines that the user has been shown. */
    readonly log: string[],
  ) {}

  /** @param env variables for program and provider, in place of the stack's configuration */
  static async open(env?: Env): Promise<Stack> {
    const emulator = await startEmulator();
    const project = await makeProject();
    const log: string[] = [];
    const engine = await openEngine({
      projectDir: project.folder,
      log: (line) => log.push(line),
      env: { PROVIDER: provider, ...(await env?.(emulator)) },
    });
    const stack = new Stack(engine, emulator, project, log);
    if (env === undefined) await stack.configure();
    return stack;
  }

  async close(): Promise<void> {
    await this.engine.close();
    for (const proxy of this.proxies) proxy.close();
    await this.emulator.close();
    await this.project.remove();
  }

  /** Configures the stack to call the emulator. */
  async configure(): Promise<void> {
    await configure(this.engine, this.emulator);
  }

  /**
   * Removes all resources, from the state and at Keycard, and all faults and proxies, which takes less time than to open another stack.
   * The emulator's clock, its log of requests, and settings that {@link configure} does not set stay.
   */
  async empty(): Promise<void> {
    await this.clearFaults();
    const { version, deployment } = await this.engine.export();
    if (deployment.resources?.length)
      await this.engine.import({
        version,
        deployment: { ...deployment, resources: [], pending_operations: [] },
      });
    await Promise.all((await this.accounts()).map(({ id }) => this.keycard.delete(id, this.organization)));
    await this.configure();
    this.log.length = 0;
  }

  /** Replaces the program. It exports the resources' IDs, the credentials' secrets, and the results of lookups. */
  async declare(resources: Resources): Promise<void> {
    const outputs = Object.entries(resources).map(([name, { type }]) => {
      if (type.startsWith("get")) return [name, `\${${name}}`];
      return [name, `\${${name}.${type.endsWith("Credential") ? "clientSecret" : "id"}}`];
    });
    await this.project.declare({ resources, exports: Object.fromEntries(outputs) as Record<string, string> });
  }

  /** Replaces the program, and runs it. */
  async apply(resources: Resources): Promise<Outcome> {
    await this.declare(resources);
    return this.up();
  }

  /** Replaces the program, and previews it. */
  async plan(resources: Resources): Promise<Outcome> {
    await this.declare(resources);
    return this.preview();
  }

  /** Replaces the program, and runs it with faults that make it fail. Returns all that Pulumi shows the user. */
  async failToApply(resources: Resources, ...faults: FaultRule[]): Promise<string> {
    for (const fault of faults) await this.fault(fault);
    const output = await errorOutput(this.apply(resources));
    await this.clearFaults();
    return output;
  }

  up(): Promise<Outcome> {
    return this.engine.up();
  }
  preview(): Promise<Outcome> {
    return this.engine.preview();
  }
  refresh(): Promise<Outcome> {
    return this.engine.refresh();
  }

  /** Returns the resources in the state, with decrypted secrets. */
  async state(): Promise<StoredResource[]> {
    return decrypted(await this.engine.export());
  }

  /** Returns the state as it is stored, with encrypted secrets. */
  async storedState(): Promise<string> {
    return JSON.stringify(await this.engine.export());
  }

  /** Returns a resource's ID and outputs in the state, with decrypted secrets. */
  async outputs(name: string): Promise<Outputs> {
    const found = (await this.state()).find(({ urn }) => urn.endsWith(`::${name}`));
    if (found === undefined) throw new Error(`The state has no resource "${name}"`);
    return { id: found.id, ...found.outputs } as Outputs;
  }

  async idOf(name: string): Promise<string> {
    return String((await this.outputs(name))["id"]);
  }

  /** A client with all permissions, for changes behind Pulumi's back. */
  get keycard(): ServiceAccounts {
    return keycardOf(this.emulator);
  }

  get organization(): { organization_id: string } {
    return { organization_id: this.emulator.organizationId };
  }

  async accounts(): Promise<ServiceAccount[]> {
    return (await this.keycard.list(this.emulator.organizationId)).items;
  }

  /** Returns the credentials of all accounts. */
  async credentials(): Promise<ServiceAccountCredential[]> {
    const lists = (await this.accounts()).map(({ id }) =>
      this.keycard.credentials.list(id, this.organization),
    );
    return (await Promise.all(lists)).flatMap(({ items }) => items);
  }

  async credentialNames(): Promise<string[]> {
    return (await this.credentials()).map(({ name }) => name);
  }

  /** Returns true if a credential, given by its outputs or by its name in the state, signs in with its secret. */
  async signsIn(credential: string | Outputs): Promise<boolean> {
    const { clientId, clientSecret } =
      typeof credential === "string" ? await this.outputs(credential) : credential;
    return signsIn(this.emulator.endpoint, {
      clientId: String(clientId),
      clientSecret: String(clientSecret),
    });
  }

  createByHand(name: string, description?: string): Promise<ServiceAccount> {
    const params = { name, ...(description === undefined ? {} : { description }) };
    return this.keycard.create(this.emulator.organizationId, params);
  }

  createCredentialByHand(accountId: string, params: Change & { name: string }) {
    return this.keycard.credentials.create(accountId, { ...this.organization, ...params });
  }

  /** Changes the only account, and its only credential, behind Pulumi's back. */
  async changeByHand(account: Change, credential?: Change): Promise<void> {
    const [{ id } = { id: "" }] = await this.accounts();
    await this.keycard.update(id, { ...this.organization, ...account });
    if (credential === undefined) return;
    const [key] = await this.credentials();
    const place = { ...this.organization, service_account_id: id };
    await this.keycard.credentials.update(String(key?.id), { ...place, ...credential });
  }

  /** Deletes the object of a resource behind Pulumi's back. */
  async deleteByHand(name: string): Promise<void> {
    const { id, serviceAccountId } = await this.outputs(name);
    if (serviceAccountId === undefined) return this.keycard.delete(String(id), this.organization);
    await this.deleteCredentialByHand(id, serviceAccountId);
  }

  /** Deletes a credential behind Pulumi's back, by default one of the only account. */
  async deleteCredentialByHand(id: string | undefined, accountId?: string): Promise<void> {
    const [only] = await this.accounts();
    const place = { ...this.organization, service_account_id: accountId ?? String(only?.id) };
    await this.keycard.credentials.delete(String(id), place);
  }

  /** Puts a proxy between the provider and Keycard; returns its endpoint. */
  async intercept(respond?: Respond, target?: Target): Promise<string> {
    const proxy = await tamper(target ?? { endpoint: this.emulator.endpoint }, respond);
    this.proxies.push(proxy);
    await this.engine.setConfig("keycard:endpoint", proxy.endpoint);
    return proxy.endpoint;
  }

  /** Returns the provider's calls; calls by hand use a ready-made token, so they do not sign in. */
  async requests(): Promise<LoggedRequest[]> {
    return (await (await fetch(`${this.emulator.endpoint}/_emulator/requests`)).json()) as LoggedRequest[];
  }

  /** Returns the names of the operations that were called so far, after the first ones. */
  async operations(after = 0): Promise<string[]> {
    return (await this.requests()).slice(after).map(({ operation }) => String(operation));
  }

  async countOf(operation: string): Promise<number> {
    return (await this.operations()).filter((one) => one === operation).length;
  }

  fault(rule: FaultRule): Promise<void> {
    return addFault(this.emulator, rule);
  }

  /** Moves Keycard's clock forward by a duration, such as "30d". */
  async advance(duration: ms.StringValue): Promise<void> {
    await advanceClock(this.emulator.endpoint, duration);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.emulator.endpoint}/_emulator/faults`, { method: "DELETE" });
  }
}

/** Returns the steps that change something, as `<op> <name>`. */
export function steps(outcome: Outcome): string[] {
  return outcome.steps.filter(({ op }) => op !== "same").map(({ op, name }) => `${op} ${name}`);
}

/** Returns all that Pulumi has shown the user of a failed operation. */
export function outputOf(failure: unknown): string {
  if (!(failure instanceof EngineError))
    throw new Error("the operation should have failed", { cause: failure });
  return [failure.message, ...failure.outcome.diagnostics.map(({ message }) => message)].join("\n");
}

/** Returns all messages of an operation. */
export function messagesOf({ diagnostics }: Outcome): string {
  return diagnostics.map(({ message }) => message).join("\n");
}

/** Returns all that Pulumi shows the user of an operation that must fail. */
export async function errorOutput(operation: Promise<unknown>): Promise<string> {
  return outputOf(await operation.catch((error: unknown) => error));
}
