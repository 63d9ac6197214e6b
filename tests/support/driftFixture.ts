/** An organization at the emulator, and states as Pulumi writes them: what the suites of the command `drift` run on. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { json } from "node:stream/consumers";
import type { Emulator, LoggedRequest } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type {
  CredentialCreateResponse,
  ServiceAccount,
  ServiceAccountCredential,
  ServiceAccounts,
} from "pulumi-keycard/sdk";
import { keycardOf } from "../engine/keycard";
import type { Deployment, PendingOperation, ResourceState } from "../engine/types";
import { tamper } from "../provider/tamper";
import type { Proxy } from "../provider/tamper";
import type { Circumstances } from "./command";
import { runIn } from "./command";
import { expectValid } from "./driftSchema";

type Type = "ServiceAccount" | "ServiceAccountCredential" | "ExclusiveCredentials";
type Properties = Record<string, unknown>;

/** As Pulumi writes what a program made a secret: nobody can read it without the passphrase. */
export const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA==",
};

const recorded = JSON.parse(
  readFileSync(path.join(__dirname, "../provider/fixtures/0.1.0.json"), "utf8"),
) as Deployment;

/** A state that Pulumi wrote, with other resources in it. */
export class State {
  readonly resources: ResourceState[] = [];
  readonly pending: PendingOperation[] = [];

  constructor(readonly stack = "dev") {}

  /** Puts a resource there, as it is after it was made; `more` is what else Pulumi notes. */
  has(type: Type, name: string, id: string, outputs: Properties, more: Partial<ResourceState> = {}): this {
    this.resources.push({ ...this.resource(type, name, outputs), id, outputs, ...more });
    return this;
  }

  /** Notes that Pulumi was doing something, and has not said how it ended. */
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

/** What a command printed, and with what it ended. */
type Ended = Awaited<ReturnType<typeof runIn>>;

export class DriftFixture {
  private readonly folder = mkdtempSync(path.join(tmpdir(), "drift-"));
  private readonly names = new Map<string, string>();
  private files = 0;
  readonly keycard: ServiceAccounts;

  private constructor(readonly emulator: Emulator) {
    this.keycard = keycardOf(emulator);
  }

  static async open(): Promise<DriftFixture> {
    return new DriftFixture(await startEmulator());
  }

  async close(): Promise<void> {
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

  /** A file in a folder of this fixture's own. */
  file(content: string | State, name = `${(this.files += 1)}.json`): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, typeof content === "string" ? content : content.text);
    return file;
  }

  /** The environment of who signs in at this emulator, or at what stands before it. */
  env(endpoint = this.emulator.endpoint): Record<string, string | undefined> {
    const { clientId: KEYCARD_CLIENT_ID, clientSecret: KEYCARD_CLIENT_SECRET } = this.emulator;
    const { PATH } = process.env;
    return { PATH, KEYCARD_ENDPOINT: endpoint, KEYCARD_CLIENT_ID, KEYCARD_CLIENT_SECRET };
  }

  /** Runs the command on states, and fails if it did anything but look. */
  async drift(states: State[], args: string[] = [], circumstances: Circumstances = {}): Promise<Ended> {
    const files = states.flatMap((state) => ["--state", this.file(state, `${state.stack}.json`)]);
    const before = (await this.requests()).length;
    const ended = await runIn({ env: this.env(), ...circumstances }, "drift", ...files, ...args);
    const made = (await this.requests()).slice(before).map(({ operation }) => operation);
    expect(made.filter((operation) => !/^(token|list|retrieve)/.test(String(operation)))).toEqual([]);
    return { ...ended, stdout: this.told(ended.stdout), stderr: this.told(ended.stderr) };
  }

  /** A text without what differs from run to run. */
  told(text: string): string {
    const ids = [...this.names, [this.organizationId, "acme"] as const];
    return ids
      .reduce((all, [id, name]) => all.replaceAll(id, name), text.replaceAll(`${this.folder}/`, ""))
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "2026-11-21 03:07 UTC")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "2026-11-21T03:07:12.345Z");
  }

  /** The same, for people who read the docs: with IDs such as Keycard gives. */
  toldInDocs(text: string): string {
    const ids = [...new Set(text.match(/<(?:client )?ID of [^>]+>/g))];
    return ids.reduce((all, id, index) => all.replaceAll(id, `q7w3k5n2x9d4m8p6r1t0v3b5f${index + 1}`), text);
  }

  async requests(): Promise<LoggedRequest[]> {
    // On a connection of its own: one that is kept may be closed by the time that the command has ended.
    const request = get(`${this.emulator.endpoint}/_emulator/requests`, { agent: false });
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    return (await json(answer)) as LoggedRequest[];
  }

  /** What a state says of an account that is as it was made. */
  stated({ name, description }: ServiceAccount, changes: object = {}) {
    const { organizationId } = this;
    return { name, ...(description ? { description } : {}), organizationId, ...changes };
  }

  statedKey(
    { name }: ServiceAccountCredential,
    { id: serviceAccountId }: ServiceAccount,
    changes: object = {},
  ) {
    return { name, serviceAccountId, organizationId: this.organizationId, clientSecret: secret, ...changes };
  }

  /** Keycard, 100 days later. */
  future(): Promise<Proxy> {
    const date = new Date(Date.now() + 100.2 * 86_400_000).toUTCString();
    return tamper({ endpoint: this.emulator.endpoint }, async (_call, act) => ({
      ...(await act()),
      headers: { date },
    }));
  }

  /** The kind and the name of each finding. */
  async kinds(states: State[], ...args: string[]): Promise<string[]> {
    const { stdout, stderr, code } = await this.drift(states, ["--format", "json", ...args]);
    expect(stderr).toBe("");
    const { findings } = expectValid(stdout);
    expect(code).toBe(findings.length > 0 ? 7 : 0);
    return findings.map(
      ({ kind, account, name }) => `${kind} ${account?.name ? `${account.name}/` : ""}${name}`,
    );
  }
}

/** The lines of a report, without what stands under each finding. */
export function headlines(stdout: string): string[] {
  return stdout.split("\n").filter((line) => /^ {2,4}\S/.test(line));
}

/** What there is to do about the thing whose line begins like this. */
export function under(stdout: string, beginning: string): string[] {
  const lines = stdout.split("\n");
  const [, , ...rest] = lines.slice(lines.findIndex((line) => line.startsWith(`  ${beginning}`)));
  return rest.slice(0, rest.indexOf("")).map((line) => line.trim());
}
