import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator, FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
import { keycardOf, signsIn } from "../engine/keycard";
import { addFault } from "../support/client";
import { advanceClock } from "../support/clock";
import type { Texts, ExternalObject } from "./sequence";

/** An account, or with `accountId` a credential, as Keycard lists it. */
export interface RemoteObject extends Texts {
  id: string;
  accountId?: string;
  client_id?: string;
  created_at: string;
  updated_at?: string;
  last_used_at?: string;
}

/** Keycard without Pulumi: all objects, and changes by hand. */
export class Keycard {
  private readonly accounts;
  private readonly organization;

  private constructor(readonly emulator: Emulator) {
    this.accounts = keycardOf(emulator);
    this.organization = { organization_id: emulator.organizationId };
  }

  static async start(): Promise<Keycard> {
    return new Keycard(await startEmulator());
  }

  /** Returns all accounts and credentials. */
  async objects(): Promise<RemoteObject[]> {
    const { items } = await this.accounts.list(this.emulator.organizationId, { limit: 1000 });
    const credentials = items.map(async ({ id: accountId }): Promise<RemoteObject[]> => {
      const page = await this.accounts.credentials.list(accountId, { ...this.organization, limit: 1000 });
      return page.items.map((credential) => ({ ...credential, accountId }));
    });
    return [...items, ...(await Promise.all(credentials)).flat()];
  }

  /**
   * Creates an object that is not managed by the stack.
   * @param accounts IDs of the accounts that may get a credential; without any, none is created
   */
  async createExternal(
    { credentialOf, ...texts }: ExternalObject,
    accounts: string[],
  ): Promise<RemoteObject | undefined> {
    if (credentialOf === undefined) return this.accounts.create(this.emulator.organizationId, texts);
    const accountId = accounts[credentialOf % accounts.length];
    if (accountId === undefined) return undefined;
    const where = this.of(accountId);
    const { id } = await this.accounts.credentials.create(accountId, { ...where, ...texts });
    return { ...(await this.accounts.credentials.retrieve(id, where)), accountId };
  }

  async change({ id, accountId }: Pick<RemoteObject, "id" | "accountId">, { name, description = "" }: Texts) {
    if (accountId === undefined) await this.accounts.update(id, { ...this.organization, name, description });
    else await this.accounts.credentials.update(id, { ...this.of(accountId), name, description });
  }

  async delete({ id, accountId }: Pick<RemoteObject, "id" | "accountId">): Promise<void> {
    if (accountId === undefined) await this.accounts.delete(id, this.organization);
    else await this.accounts.credentials.delete(id, this.of(accountId));
  }

  /** Deletes those of the objects that still exist. */
  async clean(objects: RemoteObject[]): Promise<void> {
    const existing = new Set((await this.objects()).map(({ id }) => id));
    for (const object of objects.filter(({ id }) => existing.has(id))) await this.delete(object);
  }

  signsIn(credential: { clientId: string; clientSecret: string }): Promise<boolean> {
    return signsIn(this.emulator.endpoint, credential);
  }

  async addFaults(rules: FaultRule[]): Promise<void> {
    if (rules.length > 0) await addFault(this.emulator, rules);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.emulator.endpoint}/_emulator/faults`, { method: "DELETE" });
  }

  /** Moves the clock forward, and a minute more: no time is up within the second that separates two updates. */
  async advance(days: number): Promise<void> {
    await advanceClock(this.emulator.endpoint, `${days * 24 * 60 + 1}m`);
  }

  /** Returns all calls so far. */
  async requests(): Promise<LoggedRequest[]> {
    return (await (await fetch(`${this.emulator.endpoint}/_emulator/requests`)).json()) as LoggedRequest[];
  }

  private of(accountId: string) {
    return { ...this.organization, service_account_id: accountId };
  }
}
