import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator, FaultRule, LoggedRequest } from "pulumi-keycard/emulator";
import { keycardOf, signsIn } from "../engine/keycard";
import { addFault } from "../support/client";
import type { Look, Stranger } from "./sequence";

/** An account, or with `accountId` a credential, as Keycard lists it. */
export interface Thing extends Look {
  id: string;
  accountId?: string;
  client_id?: string;
  created_at: string;
  updated_at?: string;
  last_used_at?: string;
}

/** Keycard, as somebody sees it who may look at and change everything without Pulumi. */
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

  /** Everything that there is. */
  async things(): Promise<Thing[]> {
    const { items } = await this.accounts.list(this.emulator.organizationId, { limit: 1000 });
    const credentials = items.map(async ({ id: accountId }): Promise<Thing[]> => {
      const page = await this.accounts.credentials.list(accountId, { ...this.organization, limit: 1000 });
      return page.items.map((credential) => ({ ...credential, accountId }));
    });
    return [...items, ...(await Promise.all(credentials)).flat()];
  }

  /**
   * Makes what a stranger makes.
   * @param accounts IDs of those that a credential may be for; where there are none, none is made
   */
  async make({ credentialOf, ...look }: Stranger, accounts: string[]): Promise<Thing | undefined> {
    if (credentialOf === undefined) return this.accounts.create(this.emulator.organizationId, look);
    const accountId = accounts[credentialOf % accounts.length];
    if (accountId === undefined) return undefined;
    const where = this.of(accountId);
    const { id } = await this.accounts.credentials.create(accountId, { ...where, ...look });
    return { ...(await this.accounts.credentials.retrieve(id, where)), accountId };
  }

  async change({ id, accountId }: Pick<Thing, "id" | "accountId">, { name, description = "" }: Look) {
    if (accountId === undefined) await this.accounts.update(id, { ...this.organization, name, description });
    else await this.accounts.credentials.update(id, { ...this.of(accountId), name, description });
  }

  async delete({ id, accountId }: Pick<Thing, "id" | "accountId">): Promise<void> {
    if (accountId === undefined) await this.accounts.delete(id, this.organization);
    else await this.accounts.credentials.delete(id, this.of(accountId));
  }

  /** Deletes what of these is still there. */
  async clean(things: Thing[]): Promise<void> {
    const there = new Set((await this.things()).map(({ id }) => id));
    for (const thing of things.filter(({ id }) => there.has(id))) await this.delete(thing);
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

  /** The calls so far. */
  async requests(): Promise<LoggedRequest[]> {
    return (await (await fetch(`${this.emulator.endpoint}/_emulator/requests`)).json()) as LoggedRequest[];
  }

  private of(accountId: string) {
    return { ...this.organization, service_account_id: accountId };
  }
}
