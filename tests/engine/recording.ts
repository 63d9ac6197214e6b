import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deployment, Diagnostic, Engine, Outcome, PendingOperation, ResourceState } from "./index";
import { EngineError } from "./index";
import type { Project } from "./project";
import { Secrets } from "./standIn/secrets";
import { mapSecrets } from "./values";

type Operation = "up" | "preview" | "refresh" | "destroy";

/** What one operation did: what it reported, the state after it, and the calls that the probe received. */
export interface Entry {
  operation: Operation;
  error?: string;
  /** Missing where the engine was killed: how much it reported until then is a matter of luck. */
  outcome?: Outcome;
  resources: { urn: string }[];
  pending?: unknown[];
  calls: unknown[];
}

/**
 * Runs operations and records what they do, to be compared with what another engine does in the same scenario. Names replace
 * what differs from run to run: generated IDs and values, times, and folders.
 */
export class Recording {
  private readonly entries: Entry[] = [];
  private readonly names = new Map<string, string>();
  private callsSeen = 0;

  constructor(
    readonly engine: Engine,
    readonly project: Project,
  ) {}

  up = () => this.run("up");
  preview = () => this.run("preview");
  refresh = () => this.run("refresh");
  destroy = () => this.run("destroy");

  /** An update that is interrupted as soon as something has happened; what it has begun goes on only then. */
  interruptUp = (happened: () => Promise<unknown>, goOn: () => void) =>
    this.run("up", async () => {
      await happened();
      await this.engine.interrupt();
      goOn();
    });

  /** An update that is killed as soon as something has happened. */
  async killUp(happened: () => Promise<unknown>): Promise<void> {
    const entry = await this.run("up", async () => {
      await happened();
      await this.engine.kill();
    });
    delete entry.outcome;
    delete entry.error;
    // The test lets several things go on at the same time, which begin in any order.
    entry.calls.sort(byText);
  }

  /** Gives whatever equals the value a name. */
  name(value: string, name: string): void {
    this.names.set(value, `<${name}>`);
  }

  /** Everything so far. */
  get result(): Entry[] {
    return JSON.parse(JSON.stringify(this.entries)) as Entry[];
  }

  private async run(operation: Operation, meanwhile?: () => Promise<void>): Promise<Entry> {
    let failure: EngineError | undefined;
    const running = this.engine[operation]().catch((error: unknown) => {
      if (!(error instanceof EngineError)) throw error;
      failure = error;
      return error.outcome;
    });
    await meanwhile?.();
    const outcome = await running;
    const { deployment } = await this.engine.export();
    const resources = readable(deployment, deployment.resources).sort(byUrn);
    const pending = readable(deployment, deployment.pending_operations?.map(inOne)).sort(byUrn);
    for (const resource of resources) this.nameMadeUp(resource);
    const calls = (await this.newCalls()).map((call) => this.normal(JSON.parse(call) as unknown));
    const entry: Entry = {
      operation,
      outcome: this.normal(told(outcome)),
      resources: this.normal(resources),
      calls,
    };
    if (failure) entry.error = this.normal(shorten(failure.message));
    if (pending.length > 0) entry.pending = this.normal(pending);
    // Independent resources are refreshed in any order.
    if (operation === "refresh") {
      entry.outcome?.steps.sort(byUrn);
      entry.calls.sort(byText);
    }
    this.entries.push(entry);
    return entry;
  }

  /** IDs, secrets and times are made up anew in each run: what is the same value gets the same name everywhere. */
  private nameMadeUp({ urn, id, outputs }: Readable): void {
    const keys = ["clientId", "clientSecret", "b64Std", "b64Url", "dec", "hex"];
    for (const value of [id, ...keys.map((key) => plain(outputs?.[key]))]) {
      if (typeof value !== "string" || this.names.has(value)) continue;
      this.name(value, `${urn.replace(/^.*::/, "")} ${this.names.size}`);
    }
  }

  private normal<T>(value: T): T {
    let text = JSON.stringify(value).replaceAll(this.project.folder, "<folder>");
    // A long name may contain a short one.
    for (const [from, to] of [...this.names].sort(([a], [b]) => b.length - a.length)) {
      text = text.replaceAll(JSON.stringify(from).slice(1, -1), to);
    }
    const provider = /"exports\.handler(\\.|[^"\\])*"/g;
    return JSON.parse(
      text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>").replaceAll(provider, '"<provider>"'),
    ) as T;
  }

  private async newCalls(): Promise<string[]> {
    const text = await readFile(join(this.project.folder, "calls.jsonl"), "utf8").catch(() => "");
    const all = text.split("\n").filter(Boolean);
    return all.slice(this.callsSeen, (this.callsSeen = all.length));
  }
}

interface Readable {
  urn: string;
  id?: string;
  outputs?: Record<string, unknown>;
}

/** Resources with their secrets in clear, and without where in the program they were declared. */
function readable(deployment: Deployment["deployment"], resources: ResourceState[] = []): Readable[] {
  const secrets = Secrets.open(String(deployment.secrets_providers?.state?.["salt"]));
  return resources.map((resource) => {
    const { created, modified, ...rest } = mapSecrets(resource, ({ ciphertext = "" }) => ({
      secret: JSON.parse(secrets.decrypt(ciphertext)) as unknown,
    }));
    return { ...rest, sourcePosition: undefined, stackTrace: undefined, isModified: modified !== created };
  });
}

/** The resource of an operation that was going on. Whether its ID is noted already is a matter of luck. */
function inOne({ type, resource }: PendingOperation): ResourceState {
  const shown = Object.assign({ interruptedWhile: type }, resource);
  delete shown.id;
  return shown;
}

function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null && "secret" in value ? value.secret : value;
}

/** What was told, without the stack traces that errors bring with them: they are about the machine. */
function told(outcome: Outcome): Outcome {
  const diagnostics = outcome.diagnostics
    .map((diagnostic) => ({ ...diagnostic, message: shorten(diagnostic.message) }))
    .filter(({ message }) => message !== "");
  // What a provider prints takes another way than its answers do, and arrives before or after them.
  const isPrinted = ({ severity, urn }: Diagnostic) => severity === "info" && urn === undefined;
  const rest = diagnostics.filter((diagnostic) => !isPrinted(diagnostic));
  return { ...outcome, diagnostics: [...diagnostics.filter(isPrinted), ...rest] };
}

function shorten(message: string): string {
  return message
    .split("\n")
    .filter((line) => !/^ +at /.test(line))
    .join("\n");
}

function byUrn(a: { urn: string }, b: { urn: string }): number {
  return compare(a.urn, b.urn);
}

function byText(a: unknown, b: unknown): number {
  return compare(JSON.stringify(a), JSON.stringify(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
