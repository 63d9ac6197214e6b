/** An organization at the emulator, and states in Pulumi's format, for the suites of the commands `drift` and `adopt`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Emulator, LoggedRequest } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type {
  CredentialCreateResponse,
  ServiceAccount,
  ServiceAccountCredential,
  ServiceAccounts,
} from "pulumi-keycard/sdk";
import { keycardOf, signsIn } from "../engine/keycard";
import type { Deployment, PendingOperation, ResourceState } from "../engine/types";
import { advanceClock } from "./clock";
import type { Ended, RunOptions } from "./command";
import { runIn, signInAt } from "./command";
import { reportIn } from "./driftSchema";
import type { Report } from "./driftSchema";
import { tamper } from "./tamper";
import type { Respond, Target } from "./tamper";

type Type = "ServiceAccount" | "ServiceAccountCredential" | "RotatingCredential" | "ExclusiveCredentials";
type Properties = Record<string, unknown>;

/** A secret value in a state, encrypted as Pulumi does it. */
export const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA==",
};

const recorded = JSON.parse(
  readFileSync(path.join(__dirname, "../provider/fixtures/0.1.0.json"), "utf8"),
) as Deployment;

/** Builds a state, around the resources of one that Pulumi has written. */
export class State {
  readonly resources: ResourceState[] = [];
  readonly pending: PendingOperation[] = [];

  constructor(
    readonly stack: string,
    private readonly fixture: CommandFixture,
  ) {}

  /** Adds an account's resource, with outputs that equal the account but for `changes`. */
  account(name: string, account: ServiceAccount, changes?: object, more?: Partial<ResourceState>): this {
    return this.has("ServiceAccount", name, account.id, this.fixture.outputsOf(account, changes), more);
  }

  /** Adds a credential's resource, with outputs that equal the credential but for `changes`. */
  credential(
    name: string,
    credential: ServiceAccountCredential,
    account: ServiceAccount,
    changes?: object,
    more?: Partial<ResourceState>,
  ): this {
    const outputs = this.fixture.credentialOutputs(credential, account, changes);
    return this.has("ServiceAccountCredential", name, credential.id, outputs, more);
  }

  /** Adds a created resource; `more` holds further fields of Pulumi's. */
  has(type: Type, name: string, id: string, outputs: Properties, more: Partial<ResourceState> = {}): this {
    this.resources.push({ ...this.resource(type, name, outputs), id, outputs, ...more });
    return this;
  }

  /** Adds the resource of an exclusive list; `more` holds further outputs. */
  exclusive(name: string, { id }: ServiceAccount, credentialIds: string[], more: object = {}): this {
    const own = { serviceAccountId: id, organizationId: this.fixture.organizationId, credentialIds };
    return this.has("ExclusiveCredentials", name, id, { ...own, ...more });
  }

  /** Adds a pending operation. */
  was(doing: PendingOperation["type"], type: Type, name: string, inputs: Properties, id?: string): this {
    const resource = {
      ...this.resource(type, name, inputs),
      ...(id === undefined ? {} : { id, outputs: inputs }),
    };
    this.pending.push({ type: doing, resource });
    return this;
  }

  get text(): string {
    const { version, deployment } = structuredClone(recorded);
    const ours = [...(deployment.resources ?? []).slice(0, 2), ...this.resources];
    const place = `urn:pulumi:${this.stack}::shop::`;
    deployment.resources = ours.map((one) => ({
      ...one,
      urn: one.urn.replace(/^urn:pulumi:test::engine-program::/, place),
    }));
    if (this.pending.length > 0) deployment.pending_operations = this.pending;
    return JSON.stringify({ version, deployment });
  }

  private resource(type: Type, name: string, inputs: Properties): ResourceState {
    const token = `pulumi-nodejs:dynamic/keycard:${type}`;
    return { urn: `urn:pulumi:${this.stack}::shop::${token}::${name}`, custom: true, type: token, inputs };
  }
}

export class CommandFixture {
  emulator!: Emulator;
  keycard!: ServiceAccounts;
  private folder!: string;
  private readonly names = new Map<string, string>();
  private readonly servers: { close(): unknown }[] = [];
  private files = 0;

  /** Returns a fixture that is empty at the beginning of each test. */
  static forEachTest(): CommandFixture {
    const fixture = new CommandFixture();
    beforeEach(() => fixture.open());
    afterEach(() => fixture.close());
    return fixture;
  }

  private async open(): Promise<void> {
    this.emulator = await startEmulator();
    this.keycard = keycardOf(this.emulator);
    this.folder = mkdtempSync(path.join(tmpdir(), "drift-"));
    this.names.clear();
    this.files = 0;
  }

  private async close(): Promise<void> {
    for (const server of this.servers.splice(0)) await server.close();
    await this.emulator.close();
    rmSync(this.folder, { recursive: true });
  }

  get organizationId(): string {
    return this.emulator.organizationId;
  }

  async account(name: string, description?: string): Promise<ServiceAccount> {
    const given = { name, ...(description === undefined ? {} : { description }) };
    const account = await this.keycard.create(this.organizationId, given);
    this.names.set(account.id, `<ID of ${name}>`);
    return account;
  }

  async credential(account: ServiceAccount, name: string): Promise<CredentialCreateResponse> {
    const organization_id = this.organizationId;
    const credential = await this.keycard.credentials.create(account.id, { organization_id, name });
    this.names.set(credential.id, `<ID of ${name}>`).set(credential.client_id, `<client ID of ${name}>`);
    return credential;
  }

  async credentials<Names extends string[]>(account: ServiceAccount, ...names: Names) {
    const created: CredentialCreateResponse[] = [];
    for (const name of names) created.push(await this.credential(account, name));
    return created as { [Index in keyof Names]: CredentialCreateResponse };
  }

  /** Creates the account `deployer` with credentials of these names. */
  async deployer<Names extends string[]>(...names: Names) {
    const account = await this.account("deployer");
    return [account, ...(await this.credentials(account, ...names))] as const;
  }

  /** Returns the inputs of a resource of this name in the organization. */
  named(name: string, more: object = {}) {
    return { name, organizationId: this.organizationId, ...more };
  }

  state(stack = "dev"): State {
    return new State(stack, this);
  }

  /** Returns the path of a file in the test's folder. */
  pathOf(name: string): string {
    return path.join(this.folder, name);
  }

  /** Writes a file, and returns its path. */
  file(content: string | State, name = `${(this.files += 1)}.json`): string {
    const file = this.pathOf(name);
    writeFileSync(file, typeof content === "string" ? content : content.text);
    return file;
  }

  /** Returns the environment variables that sign in at the emulator. */
  env(more: Record<string, string> = {}): Record<string, string | undefined> {
    return { PATH: process.env["PATH"], ...signInAt(this.emulator), ...more };
  }

  /** Puts a proxy in front of the emulator until the test ends. Returns the variables that sign in there. */
  async proxied(respond?: Respond, target: Target = { endpoint: this.emulator.endpoint }) {
    const proxy = await tamper(target, respond);
    this.servers.push(proxy);
    return this.env({ KEYCARD_ENDPOINT: proxy.endpoint });
  }

  /** Returns the variables that sign in with a credential. The emulator gives it no permissions: another one makes the calls. */
  async signingInAs({ client_id, client_secret }: CredentialCreateResponse) {
    const { endpoint, apiKey } = this.emulator;
    const env = await this.proxied(undefined, { endpoint, authorizeAs: apiKey });
    return { ...env, KEYCARD_CLIENT_ID: client_id, KEYCARD_CLIENT_SECRET: client_secret };
  }

  /** Adds a second organization until the test ends. Returns its ID, and the variables that sign in for both. */
  async withOther() {
    const other = await startEmulator();
    this.servers.push(other);
    const env = await this.proxied(undefined, ({ path }) =>
      path.includes(`/${other.organizationId}/`)
        ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
        : { endpoint: this.emulator.endpoint },
    );
    return { organizationId: other.organizationId, env };
  }

  /** Runs the command on states, and fails if it did anything but read. */
  async drift(states: State[], args: string[] = [], options: RunOptions = {}): Promise<Ended> {
    const files = states.flatMap((state) => ["--state", this.file(state, `${state.stack}.json`)]);
    const before = (await this.operations()).length;
    const ended = await runIn({ env: this.env(), ...options }, "drift", ...files, ...args);
    const calls = (await this.operations()).slice(before);
    expect(calls.filter((operation) => !/^(token|list|retrieve)/.test(operation))).toEqual([]);
    return { ...ended, stdout: this.normalized(ended.stdout), stderr: this.normalized(ended.stderr) };
  }

  /** Returns the report that the command prints as JSON. */
  async report(states: State[], args: string[] = [], options: RunOptions = {}): Promise<Report> {
    return reportIn(await this.drift(states, ["--format", "json", ...args], options));
  }

  /** Replaces what differs from run to run: IDs, times, folders. */
  normalized(text: string): string {
    const ids = [...this.names, [this.organizationId, "acme"] as const];
    return ids
      .reduce((all, [id, name]) => all.replaceAll(id, name), text.replaceAll(`${this.folder}/`, ""))
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "2026-11-21 03:07 UTC")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-11-21T03:07:12.345Z");
  }

  /** Replaces the placeholders of a normalized text by IDs that look like Keycard's. */
  forDocs(text: string): string {
    const ids = [...new Set(text.match(/<(?:client )?ID of [^>]+>/g))];
    return ids.reduce((all, id, index) => all.replaceAll(id, `q7w3k5n2x9d4m8p6r1t0v3b5f${index + 1}`), text);
  }

  /** Returns the operations that the emulator has been asked for. */
  async operations(): Promise<string[]> {
    // A kept connection may be closed by the time that the command has ended.
    const init = { headers: { connection: "close" } };
    const response = await fetch(`${this.emulator.endpoint}/_emulator/requests`, init);
    return ((await response.json()) as LoggedRequest[]).map(({ operation }) => String(operation));
  }

  /** Returns the outputs of an account's resource. */
  outputsOf({ name, description }: ServiceAccount, changes = {}) {
    const { organizationId } = this;
    return { name, ...(description ? { description } : {}), organizationId, ...changes };
  }

  /** Returns the outputs of a credential's resource. */
  credentialOutputs({ name }: { name: string }, { id: serviceAccountId }: ServiceAccount, changes = {}) {
    return { name, serviceAccountId, organizationId: this.organizationId, clientSecret: secret, ...changes };
  }

  /** Returns true if a credential signs in, which Keycard records as its use. */
  use({ client_id: clientId, client_secret: clientSecret }: CredentialCreateResponse): Promise<boolean> {
    return signsIn(this.emulator.endpoint, { clientId, clientSecret });
  }

  /** Runs the command 100 days later, when some credentials have just been used. */
  async driftIn100Days(states: State[], args: string[], ...used: CredentialCreateResponse[]): Promise<Ended> {
    await advanceClock(this.emulator.endpoint, "100.2d");
    for (const credential of used) await this.use(credential);
    return this.drift(states, args);
  }

  /** Returns the outputs of a `RotatingCredential` that has rotated 90 days ago, with an overlap of a week. */
  rotatedOutputs(
    previous: CredentialCreateResponse,
    current: CredentialCreateResponse,
    account: ServiceAccount,
  ) {
    const rotatedAt = Date.parse(current.created_at) + 10 * 86_400_000;
    return {
      ...this.credentialOutputs({ name: current.name.replace(/ \(\d+\)$/, "") }, account),
      ...{ credentialIds: [current.id, previous.id], generation: 2, previousGeneration: 1 },
      ...{ credentialId: current.id, previousCredentialId: previous.id },
      rotatedAt: new Date(rotatedAt).toISOString(),
      previousRetiresAt: new Date(rotatedAt + 7 * 86_400_000).toISOString(),
    };
  }

  /** Returns the kind and the name of each finding. */
  async kinds(states: State[], ...args: string[]): Promise<string[]> {
    const { findings } = await this.report(states, args);
    return findings.map(
      ({ kind, account, name }) => `${kind} ${account?.name ? `${account.name}/` : ""}${name}`,
    );
  }
}

/** Returns the first two lines of each finding in a report. */
export function headlines(stdout: string): string[] {
  return stdout.split("\n").filter((line) => /^ {2,4}\S/.test(line));
}

/** Returns the remedies of the finding whose first line begins like this. */
export function remediesOf(stdout: string, beginning: string): string[] {
  const lines = stdout.split("\n");
  const [, , ...rest] = lines.slice(lines.findIndex((line) => line.startsWith(`  ${beginning}`)));
  return rest.slice(0, rest.indexOf("")).map((line) => line.trim());
}
