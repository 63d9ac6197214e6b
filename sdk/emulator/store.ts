import { timingSafeEqual } from "node:crypto";
import type { components } from "../generated/api";
import { hash, newId, newSecret } from "./ids";
import { PagedCollection } from "./pagination";

type Schemas = components["schemas"];

/** A service account as it goes over the wire, and its credentials. */
export interface Account {
  readonly data: Schemas["ServiceAccount"];
  readonly credentials: PagedCollection<Credential>;
}

/** A credential as it goes over the wire; its secret is not in it. */
export interface Credential {
  readonly data: Schemas["Credential"];
}

/** Who signs in with a client ID and a secret. */
export interface Client {
  readonly id: string;
  readonly secretHash: Buffer;
  /** Absent for the client that the emulator starts with, which may do everything. */
  readonly credential?: Credential;
}

const NOBODY = hash(newSecret());

/** All that the emulator knows: one organization, its accounts with their credentials, and who can sign in. */
export class Store {
  readonly organization = { id: newId(), label: "emulator" };
  readonly accounts = new PagedCollection<Account>(this.organization.id);
  private readonly clients = new Map<string, Client>();

  /** Adds the client that may do everything. */
  addAdministrator(): { client: Client; clientSecret: string } {
    return this.addClient({ id: newId() });
  }

  createAccount({ name, description }: Schemas["Create"]): Account {
    const id = newId();
    const now = later();
    const data = { id, name, ...described(description), created_at: now, updated_at: now };
    const account = { data, credentials: new PagedCollection<Credential>(id) };
    this.accounts.add(id, account);
    return account;
  }

  updateAccount(account: Account, change: Schemas["Update"]): void {
    if (apply(account.data, change)) account.data.updated_at = later(account.data.updated_at);
  }

  deleteAccount(account: Account): void {
    for (const credential of account.credentials.values()) this.clients.delete(credential.data.client_id);
    this.accounts.delete(account.data.id);
  }

  createCredential(
    account: Account,
    { name, description }: Schemas["Create"],
  ): { credential: Credential; clientSecret: string } {
    const data = { id: newId(), client_id: newId(), name, ...described(description), created_at: later() };
    const credential: Credential = { data };
    account.credentials.add(data.id, credential);
    const { clientSecret } = this.addClient({ id: data.client_id, credential });
    return { credential, clientSecret };
  }

  updateCredential(credential: Credential, change: Schemas["Update"]): void {
    apply(credential.data, change);
  }

  deleteCredential(account: Account, { data }: Credential): void {
    this.clients.delete(data.client_id);
    account.credentials.delete(data.id);
  }

  /** The client with this ID and secret, compared in the same time whatever is wrong with them. */
  findClient(id: string, secret: string): Client | undefined {
    const client = this.clients.get(id);
    const same = timingSafeEqual(hash(secret), client?.secretHash ?? NOBODY);
    return same ? client : undefined;
  }

  /** Whether nobody has deleted the client since it signed in. */
  has(client: Client): boolean {
    return this.clients.has(client.id);
  }

  /** Notes that the client has signed in just now. */
  touch({ credential }: Client): void {
    if (credential) credential.data.last_used_at = later(credential.data.last_used_at);
  }

  private addClient(who: Pick<Client, "id" | "credential">): { client: Client; clientSecret: string } {
    const clientSecret = newSecret();
    const client = { ...who, secretHash: hash(clientSecret) };
    this.clients.set(client.id, client);
    return { client, clientSecret };
  }
}

/** The present time, or a millisecond after `previous` where the clock has not moved on: a change is always visible. */
function later(previous?: string): string {
  const earliest = previous === undefined ? 0 : Date.parse(previous) + 1;
  return new Date(Math.max(Date.now(), earliest)).toISOString();
}

/** An empty description is none. */
function described(description: string | undefined): { description?: string } {
  return description ? { description } : {};
}

/** Applies the change in place, and tells whether it made a difference. */
function apply(data: { name: string; description?: string }, change: Schemas["Update"]): boolean {
  const { name, description } = data;
  if (change.name !== undefined) data.name = change.name;
  if (change.description) data.description = change.description;
  else if (change.description === "") delete data.description;
  return name !== data.name || description !== data.description;
}
