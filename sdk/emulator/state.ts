import type { Change, ChangeOf, Origin } from "./changes";
import { newId } from "./ids";
import { PagedCollection } from "./pagination";

/** A service account as it goes over the wire, and its credentials. */
export interface Account {
  readonly sequence: number;
  data: ChangeOf<"account">["data"];
  readonly credentials: PagedCollection<Credential>;
}

/** A credential as it goes over the wire; its secret is not in it. */
export interface Credential {
  readonly accountId: string;
  readonly sequence: number;
  data: ChangeOf<"credential">["data"];
  readonly secretHash: string;
}

/** Who signs in with a client ID and a secret. */
export interface Client {
  readonly id: string;
  /** Any of them is good. */
  readonly secretHashes: readonly string[];
  /** Absent for the client that the emulator starts with, which may do everything. */
  readonly credential?: Credential;
}

/** What there is at the first start: an organization with nothing in it. */
export const newOrigin = (): Origin => ({
  organization: { id: newId(), label: "emulator" },
  clientId: newId(),
  lastSequence: 0,
});

/** All that the emulator knows, as the changes made it: an organization, its accounts, and who can sign in. */
export class State {
  readonly accounts: PagedCollection<Account>;
  readonly clients = new Map<string, Client>();
  /** The access tokens that were given out, by their hash. */
  readonly tokens = new Map<string, ChangeOf<"token">>();
  /** The client that may do everything. */
  readonly administrator: Client;
  private readonly secretHashes: string[] = [];
  private readonly sequence: { last: number };

  constructor(private readonly start: Origin) {
    const { organization, clientId, lastSequence } = start;
    this.sequence = { last: lastSequence };
    this.accounts = new PagedCollection(organization.id, this.sequence);
    this.administrator = { id: clientId, secretHashes: this.secretHashes };
    this.clients.set(clientId, this.administrator);
  }

  get origin(): Origin {
    return { ...this.start, lastSequence: this.sequence.last };
  }

  /** @throws Error when the change is of something that does not exist */
  apply(change: Change): void {
    switch (change.type) {
      case "account":
        return this.putAccount(change);
      case "accountDeleted":
        return this.deleteAccount(change);
      case "credential":
        return this.putCredential(change);
      case "credentialDeleted":
        return this.deleteCredential(change);
      case "secret":
        return void this.secretHashes.push(change.hash);
      case "token":
        return void this.tokens.set(change.hash, change);
    }
  }

  /** The fewest changes that make this state anew from its origin. */
  *changes(): Iterable<Change> {
    for (const hash of this.secretHashes) yield { type: "secret", hash };
    for (const { sequence, data, credentials } of this.accounts.values()) {
      yield { type: "account", sequence, data };
      for (const credential of credentials.values()) {
        yield { type: "credential", ...credential };
      }
    }
    for (const token of this.tokens.values()) if (this.bearer(token)) yield token;
  }

  /** The place of the next thing that is created. */
  nextSequence(): number {
    return this.sequence.last + 1;
  }

  /** The client whose token it is, unless the token has expired or the client has been deleted. */
  bearer({ clientId, expiresAt = Infinity }: ChangeOf<"token">): Client | undefined {
    return expiresAt > Date.now() ? this.clients.get(clientId) : undefined;
  }

  private putAccount({ sequence, data }: ChangeOf<"account">): void {
    const known = this.accounts.get(data.id);
    if (known) known.data = data;
    else
      this.accounts.add(data.id, {
        sequence,
        data,
        credentials: new PagedCollection(data.id, this.sequence),
      });
  }

  private deleteAccount({ id }: ChangeOf<"accountDeleted">): void {
    for (const { data } of this.account(id).credentials.values()) this.clients.delete(data.client_id);
    this.accounts.delete(id);
  }

  private putCredential({ accountId, sequence, secretHash, data }: ChangeOf<"credential">): void {
    const { credentials } = this.account(accountId);
    const known = credentials.get(data.id);
    if (known) {
      known.data = data;
      return;
    }
    const credential = { accountId, sequence, data, secretHash };
    credentials.add(data.id, credential);
    this.clients.set(data.client_id, { id: data.client_id, secretHashes: [secretHash], credential });
  }

  private deleteCredential({ accountId, id }: ChangeOf<"credentialDeleted">): void {
    const { credentials } = this.account(accountId);
    this.clients.delete(credentials.get(id)?.data.client_id ?? "");
    credentials.delete(id);
  }

  private account(id: string): Account {
    const account = this.accounts.get(id);
    if (!account) throw new Error(`There is no account ${id}.`);
    return account;
  }
}
