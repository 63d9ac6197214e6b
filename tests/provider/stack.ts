/** A stack whose program is a list of declarations, with the emulator behind it: what the suites of the provider run on. */
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
import { addFault } from "../support/client";

type Declaration = Program["resources"][string];

export function account(args: object = {}, options: object = {}): Declaration {
  return { type: "ServiceAccount", args: { ...args }, options: { ...options } };
}

export function credential(args: object, options: object = {}): Declaration {
  return { type: "ServiceAccountCredential", args: { ...args }, options: { ...options } };
}

export function exclusive(args: object, options: object = {}): Declaration {
  return { type: "ExclusiveCredentials", args: { ...args }, options: { ...options } };
}

/** What a function of the package finds. */
export function lookup(type: `get${string}Output`, args: object, options: object = {}): Declaration {
  return { type, args: { ...args }, options: { ...options } };
}

interface Change {
  name?: string;
  description?: string;
}

type Outputs = Record<string, string>;

/** A stack, and both of its sides: Pulumi's and Keycard's. */
export class Stack {
  private constructor(
    readonly engine: Engine,
    readonly emulator: Emulator,
    readonly project: Project,
    /** All that was told to the user. */
    readonly log: string[],
  ) {}

  static async open(env?: (emulator: Emulator) => Record<string, string>): Promise<Stack> {
    const emulator = await startEmulator();
    const project = await makeProject();
    const log: string[] = [];
    const engine = await openEngine({
      projectDir: project.folder,
      log: (line) => log.push(line),
      ...(env ? { env: env(emulator) } : {}),
    });
    const stack = new Stack(engine, emulator, project, log);
    if (env === undefined) await stack.configure();
    return stack;
  }

  async close(): Promise<void> {
    await this.engine.close();
    await this.emulator.close();
    await this.project.remove();
  }

  /** Configures all that is needed, in the stack. */
  async configure(): Promise<void> {
    await configure(this.engine, this.emulator);
  }

  /** Replaces all that the program declares. Its outputs are the resources' IDs, the secrets of credentials, and what is found. */
  async declare(resources: Program["resources"]): Promise<void> {
    const told = Object.entries(resources).map(([name, { type }]) => {
      if (type.startsWith("get")) return [name, `\${${name}}`];
      return [name, `\${${name}.${type === "ServiceAccountCredential" ? "clientSecret" : "id"}}`];
    });
    await this.project.declare({ resources, exports: Object.fromEntries(told) as Record<string, string> });
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

  /** What the state says of each resource, secrets decrypted. */
  async state(): Promise<StoredResource[]> {
    return decrypted(await this.engine.export());
  }

  /** A resource's outputs as they are in the state, secrets decrypted. */
  async outputs(name: string): Promise<Outputs> {
    const found = (await this.state()).find(({ urn }) => urn.endsWith(`::${name}`));
    if (found === undefined) throw new Error(`The state has no resource "${name}"`);
    return { id: found.id, ...found.outputs } as Outputs;
  }

  /** A client that may do everything, as somebody has who changes things by hand. */
  get keycard(): ServiceAccounts {
    return keycardOf(this.emulator);
  }

  async accounts(): Promise<ServiceAccount[]> {
    return (await this.keycard.list(this.emulator.organizationId)).items;
  }

  /** The credentials of all accounts. */
  async credentials(): Promise<ServiceAccountCredential[]> {
    const lists = (await this.accounts()).map(({ id }) =>
      this.keycard.credentials.list(id, this.organization),
    );
    return (await Promise.all(lists)).flatMap(({ items }) => items);
  }

  /** Whether a credential, by its outputs or by its name in the state, signs in with the secret that we have of it. */
  async signsIn(credential: string | Outputs): Promise<boolean> {
    const outputs = typeof credential === "string" ? await this.outputs(credential) : credential;
    return signsIn(this.emulator.endpoint, {
      clientId: String(outputs["clientId"]),
      clientSecret: String(outputs["clientSecret"]),
    });
  }

  /** Changes the one account, and its one credential, behind Pulumi's back. */
  async changeByHand(account: Change, credential?: Change): Promise<void> {
    const [{ id } = { id: "" }] = await this.accounts();
    await this.keycard.update(id, { ...this.organization, ...account });
    if (credential === undefined) return;
    const [key] = await this.credentials();
    await this.keycard.credentials.update(String(key?.id), {
      ...this.organization,
      service_account_id: id,
      ...credential,
    });
  }

  /** Deletes what is called so in the state, behind Pulumi's back. */
  async deleteByHand(name: string): Promise<void> {
    const { id, serviceAccountId } = await this.outputs(name);
    await (serviceAccountId === undefined
      ? this.keycard.delete(String(id), this.organization)
      : this.keycard.credentials.delete(String(id), {
          ...this.organization,
          service_account_id: serviceAccountId,
        }));
  }

  /** The calls that the provider made, our own by hand not among them, while only the provider signs in. */
  async requests(): Promise<LoggedRequest[]> {
    return (await (await fetch(`${this.emulator.endpoint}/_emulator/requests`)).json()) as LoggedRequest[];
  }

  fault(rule: FaultRule): Promise<void> {
    return addFault(this.emulator, rule);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.emulator.endpoint}/_emulator/faults`, { method: "DELETE" });
  }

  private get organization(): { organization_id: string } {
    return { organization_id: this.emulator.organizationId };
  }
}

/** What is done, without what stays the same, as `<op> <name>`. */
export function steps(outcome: Outcome): string[] {
  return outcome.steps.filter(({ op }) => op !== "same").map(({ op, name }) => `${op} ${name}`);
}

export function operations(requests: LoggedRequest[]): string[] {
  return requests.map(({ operation }) => String(operation));
}

/** All that the user was told by an operation that must have failed. */
export function told(failure: unknown): string {
  if (!(failure instanceof EngineError))
    throw new Error("the operation should have failed", { cause: failure });
  return [failure.message, ...failure.outcome.diagnostics.map(({ message }) => message)].join("\n");
}
