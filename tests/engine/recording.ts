import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deployment, Diagnostic, Engine, Outcome, PendingOperation, ResourceState } from "./index";
import { EngineError } from "./index";
import type { Project } from "./project";
import { Secrets } from "./standIn/secrets";
import { mapSecrets } from "./values";

type Operation = "up" | "preview" | "refresh" | "destroy";

/** The result of one operation: its outcome, the state after it, and the calls that the probe received. */
export interface Entry {
  operation: Operation;
  error?: string;
  /** Absent if the engine was killed, since its report is then incomplete in random ways. */
  outcome?: Outcome;
  resources: { urn: string }[];
  pending?: unknown[];
  calls: unknown[];
}

/**
 * Runs operations and records their results, to be compared with those of another engine. Names replace what differs from run to
 * run: generated IDs and values, times, and folders.
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

  /** Runs an update and interrupts it after `happened` resolves; then `goOn` lets the running steps continue. */
  interruptUp = (happened: () => Promise<unknown>, goOn: () => void) =>
    this.run("up", async () => {
      await happened();
      await this.engine.interrupt();
      goOn();
    });

  /** Runs an update and kills it after `happened` resolves. */
  async killUp(happened: () => Promise<unknown>): Promise<void> {
    const entry = await this.run("up", async () => {
      await happened();
      await this.engine.kill();
    });
    delete entry.outcome;
    delete entry.error;
    // Steps that run at the same time start in any order.
    entry.calls.sort(byText);
  }

  /** Replaces a value by a name. */
  name(value: string, name: string): void {
    this.names.set(value, `<${name}>`);
  }

  /** All results so far. */
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
    for (const resource of resources) this.nameGenerated(resource);
    const calls = (await this.newCalls()).map((call) => this.normal(JSON.parse(call) as unknown));
    const entry: Entry = {
      operation,
      outcome: this.normal(withoutStackTraces(outcome)),
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

  /** Names generated values, which differ in each run: the same value gets the same name everywhere. */
  private nameGenerated({ urn, id, outputs }: Readable): void {
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

/** Returns resources with decrypted secrets and without source positions. */
function readable(deployment: Deployment["deployment"], resources: ResourceState[] = []): Readable[] {
  const secrets = Secrets.open(String(deployment.secrets_providers?.state?.["salt"]));
  return resources.map((resource) => {
    const { created, modified, ...rest } = mapSecrets(resource, ({ ciphertext = "" }) => ({
      secret: JSON.parse(secrets.decrypt(ciphertext)) as unknown,
    }));
    return { ...rest, sourcePosition: undefined, stackTrace: undefined, isModified: modified !== created };
  });
}

/** Returns the resource of a pending operation, without its ID, which may or may not be recorded yet. */
function inOne({ type, resource }: PendingOperation): ResourceState {
  const shown = Object.assign({ interruptedWhile: type }, resource);
  delete shown.id;
  return shown;
}

function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null && "secret" in value ? value.secret : value;
}

/** Removes stack traces, which contain paths of the machine, from the diagnostics. */
function withoutStackTraces(outcome: Outcome): Outcome {
  const diagnostics = outcome.diagnostics
    .map((diagnostic) => ({ ...diagnostic, message: shorten(diagnostic.message) }))
    .filter(({ message }) => message !== "");
  // Output of a provider arrives before or after its responses.
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
