import { timingSafeEqual } from "node:crypto";
import type { components } from "../generated/api";
import type { Change } from "./changes";
import { hash, newId, newSecret } from "./ids";
import type { Journal } from "./journal";
import type { Account, Client, Credential, State } from "./state";

type Schemas = components["schemas"];

const NOBODY = hash(newSecret());

/** What the operations do to the state. Each is one change, which is kept before it is made and answered. */
export class Store {
  readonly state: State;

  constructor(private readonly journal: Journal) {
    this.state = journal.state;
  }

  /** One more secret for the client that may do everything. */
  addAdministratorSecret(): string {
    const secret = newSecret();
    this.make({ type: "secret", hash: hash(secret) });
    return secret;
  }

  /** A new token, which expires at `expiresAt`, in milliseconds since 1970, or never. */
  addToken({ id }: Client, expiresAt?: number): string {
    const token = newSecret();
    const expiry = expiresAt === undefined ? {} : { expiresAt };
    this.make({ type: "token", hash: hash(token), clientId: id, ...expiry });
    return token;
  }

  createAccount({ name, description }: Schemas["Create"]): Schemas["ServiceAccount"] {
    const now = later();
    const data = { id: newId(), name, ...described(description), created_at: now, updated_at: now };
    this.make({ type: "account", sequence: this.state.nextSequence(), data });
    return data;
  }

  updateAccount(account: Account, change: Schemas["Update"]): Schemas["ServiceAccount"] {
    const data = { ...account.data };
    if (apply(data, change)) {
      data.updated_at = later(data.updated_at);
      this.make({ type: "account", sequence: account.sequence, data });
    }
    return data;
  }

  deleteAccount({ data: { id } }: Account): void {
    this.make({ type: "accountDeleted", id });
  }

  createCredential(
    account: Account,
    { name, description }: Schemas["Create"],
  ): Schemas["CredentialWithSecret"] {
    const data = { id: newId(), client_id: newId(), name, ...described(description), created_at: later() };
    const secret = newSecret();
    const credential = { sequence: this.state.nextSequence(), secretHash: hash(secret), data };
    this.make({ type: "credential", accountId: account.data.id, ...credential });
    return { ...data, client_secret: secret };
  }

  updateCredential(credential: Credential, change: Schemas["Update"]): Schemas["Credential"] {
    const data = { ...credential.data };
    if (apply(data, change)) this.make({ type: "credential", ...credential, data });
    return data;
  }

  deleteCredential({ accountId, data: { id } }: Credential): void {
    this.make({ type: "credentialDeleted", accountId, id });
  }

  /** The client with this ID and secret, compared in the same time whatever is wrong with them. */
  findClient(id: string, secret: string): Client | undefined {
    const presented = Buffer.from(hash(secret));
    const client = this.state.clients.get(id);
    const hashes = client?.secretHashes ?? [NOBODY];
    return hashes.some((known) => timingSafeEqual(Buffer.from(known), presented)) ? client : undefined;
  }

  /** Notes that the client has signed in just now. */
  touch({ credential }: Client): void {
    if (!credential) return;
    const last_used_at = later(credential.data.last_used_at);
    this.make({ type: "credential", ...credential, data: { ...credential.data, last_used_at } });
  }

  private make(change: Change): void {
    this.journal.append(change);
    this.state.apply(change);
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
