import { timingSafeEqual } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { components } from "../generated/api";
import { hash, newId, newSecret } from "./ids";
import { PagedList } from "./pagedList";

type Schemas = components["schemas"];

interface AccountRecord {
  readonly sequence: number;
  readonly data: Schemas["ServiceAccount"];
}

/** A service account with its credentials. */
export interface Account extends AccountRecord {
  readonly credentials: PagedList<Credential>;
}

/** A credential with the hash of its secret. */
export interface Credential {
  readonly accountId: string;
  readonly sequence: number;
  readonly secretHash: string;
  readonly data: Schemas["Credential"];
}

/** A client that can sign in, with any of its secrets. */
export interface Client {
  readonly id: string;
  readonly secretHashes: readonly string[];
  /** Absent for the administrator, the client that may call all operations. */
  readonly credential?: Credential;
}

/** An issued token. `expiresAt` is in milliseconds since 1970; without it, the token does not expire. */
interface Token {
  readonly hash: string;
  readonly clientId: string;
  readonly expiresAt?: number;
}

/** The part of the store that does not change. */
interface Origin {
  readonly organization: { readonly id: string; readonly label: string };
  readonly administratorId: string;
  /** The last place in the order of creation, which may belong to a deleted object. */
  readonly lastSequence: number;
  /** Milliseconds by which the clock is ahead; absent in files of earlier versions. */
  readonly clockOffset?: number;
}

/** One change of the store; its fields are independent. Of secrets and tokens, it holds only hashes. */
export interface Change {
  readonly origin?: Origin;
  readonly administratorSecretHash?: string;
  readonly token?: Token;
  /** A new service account, or an existing one with new data. */
  readonly account?: AccountRecord;
  readonly deletedAccount?: string;
  /** A new credential, or an existing one with new data. */
  readonly credential?: Credential;
  readonly deletedCredential?: Pick<Credential, "accountId"> & { readonly id: string };
  /** Milliseconds by which the clock moves forward. */
  readonly clockAdvance?: number;
}

/** Saves changes before they take effect. */
export interface Persistence {
  /** @throws Error if the change cannot be saved */
  save(change: Change): void;
  close(): void;
}

const UNKNOWN_SECRET_HASH = hash(newSecret());

/** The emulator's data: an organization, its service accounts with their credentials, and the issued tokens. */
export class Store {
  /** Where changes are saved; by default nowhere. */
  persistence: Persistence = { save: () => undefined, close: () => undefined };
  private readonly sequence = { last: 0 };
  private readonly clients = new Map<string, Client>();
  private readonly tokens = new Map<string, Token>();
  private readonly administratorSecretHashes: string[] = [];
  private clockOffset: number;
  readonly origin: Origin;
  readonly accounts: PagedList<Account>;

  /** Restores a store from its changes, or creates an empty one. */
  constructor(changes: readonly Change[] = []) {
    this.origin = changes[0]?.origin ?? {
      organization: { id: newId(), label: "emulator" },
      administratorId: newId(),
      lastSequence: 0,
    };
    this.sequence.last = this.origin.lastSequence;
    this.clockOffset = this.origin.clockOffset ?? 0;
    this.accounts = new PagedList(this.origin.organization.id, this.sequence);
    const { administratorId: id } = this.origin;
    this.clients.set(id, { id, secretHashes: this.administratorSecretHashes });
    for (const change of changes) this.apply(change);
  }

  /** Returns the fewest changes that restore this store. */
  *snapshot(): Iterable<Change> {
    const { clockOffset } = this;
    yield { origin: { ...this.origin, lastSequence: this.sequence.last, clockOffset } };
    for (const administratorSecretHash of this.administratorSecretHashes) yield { administratorSecretHash };
    for (const { sequence, data, credentials } of this.accounts.values()) {
      yield { account: { sequence, data } };
      for (const credential of credentials.values()) yield { credential };
    }
    for (const token of this.tokens.values()) if (this.clientOf(token)) yield { token };
  }

  /** Returns the emulator's time, in milliseconds since 1970: this machine's, plus what tests have added. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  advanceClock(milliseconds: number): void {
    this.commit({ clockAdvance: milliseconds });
  }

  addAdministratorSecret(): string {
    const secret = newSecret();
    this.commit({ administratorSecretHash: hash(secret) });
    return secret;
  }

  /** Issues a token that expires after `lifetime` seconds, or never. */
  addToken(clientId: string, lifetime?: number): string {
    const token = newSecret();
    this.removeExpiredTokens();
    const expiry = lifetime === undefined ? {} : { expiresAt: this.now() + lifetime * 1000 };
    this.commit({ token: { hash: hash(token), clientId, ...expiry } });
    return token;
  }

  /** Returns the token's client, `undefined` if the token is unknown or expired or the client has been deleted. */
  findTokenClient(token: string): Client | undefined {
    const found = this.tokens.get(hash(token));
    return found && this.clientOf(found);
  }

  /** Returns the client with this ID and secret. The comparison always takes the same time. */
  findClient(id: string, secret: string): Client | undefined {
    const presented = Buffer.from(hash(secret));
    const client = this.clients.get(id);
    const hashes = client?.secretHashes ?? [UNKNOWN_SECRET_HASH];
    return hashes.some((known) => timingSafeEqual(Buffer.from(known), presented)) ? client : undefined;
  }

  createAccount(fields: Schemas["Create"]): Schemas["ServiceAccount"] {
    const now = this.timestamp();
    const data = { id: newId(), ...withoutEmpty(fields), created_at: now, updated_at: now };
    this.commit({ account: { sequence: this.sequence.last + 1, data } });
    return data;
  }

  updateAccount({ sequence, data: old }: Account, update: Schemas["Update"]): Schemas["ServiceAccount"] {
    const data = updated(old, update);
    if (data === old) return old;
    const stamped = { ...data, updated_at: this.timestamp(old.updated_at) };
    this.commit({ account: { sequence, data: stamped } });
    return stamped;
  }

  deleteAccount({ data: { id } }: Account): void {
    this.commit({ deletedAccount: id });
  }

  createCredential(
    { data: { id: accountId } }: Account,
    fields: Schemas["Create"],
  ): Schemas["CredentialWithSecret"] {
    const ids = { id: newId(), client_id: newId() };
    const data = { ...ids, ...withoutEmpty(fields), created_at: this.timestamp() };
    const client_secret = newSecret();
    const secretHash = hash(client_secret);
    this.commit({ credential: { accountId, sequence: this.sequence.last + 1, secretHash, data } });
    return { ...data, client_secret };
  }

  updateCredential(credential: Credential, update: Schemas["Update"]): Schemas["Credential"] {
    const data = updated(credential.data, update);
    if (data !== credential.data) this.commit({ credential: { ...credential, data } });
    return data;
  }

  deleteCredential({ accountId, data: { id } }: Credential): void {
    this.commit({ deletedCredential: { accountId, id } });
  }

  /** Sets `last_used_at` of the client's credential to now. */
  recordUse({ credential }: Client): void {
    if (!credential) return;
    const last_used_at = this.timestamp(credential.data.last_used_at);
    this.commit({ credential: { ...credential, data: { ...credential.data, last_used_at } } });
  }

  private commit(change: Change): void {
    this.persistence.save(change);
    this.apply(change);
  }

  private apply(change: Change): void {
    const { administratorSecretHash, token, account, deletedAccount, credential, deletedCredential } = change;
    this.clockOffset += change.clockAdvance ?? 0;
    if (administratorSecretHash !== undefined) this.administratorSecretHashes.push(administratorSecretHash);
    if (token) this.tokens.set(token.hash, token);
    if (account) {
      const { id } = account.data;
      const credentials = this.accounts.get(id)?.credentials ?? new PagedList(id, this.sequence);
      this.accounts.set(id, { ...account, credentials });
    }
    if (deletedAccount !== undefined) {
      for (const { data } of this.credentialsOf(deletedAccount).values()) this.clients.delete(data.client_id);
      this.accounts.delete(deletedAccount);
    }
    if (credential) {
      const { id, client_id } = credential.data;
      this.credentialsOf(credential.accountId).set(id, credential);
      this.clients.set(client_id, { id: client_id, secretHashes: [credential.secretHash], credential });
    }
    if (deletedCredential) {
      const credentials = this.credentialsOf(deletedCredential.accountId);
      this.clients.delete(credentials.get(deletedCredential.id)?.data.client_id ?? "");
      credentials.delete(deletedCredential.id);
    }
  }

  /** Returns the present time, at least a millisecond after `previous`, so that every change is visible. */
  private timestamp(previous?: string): string {
    const earliest = previous === undefined ? 0 : Date.parse(previous) + 1;
    return new Date(Math.max(this.now(), earliest)).toISOString();
  }

  private credentialsOf(accountId: string): PagedList<Credential> {
    const account = this.accounts.get(accountId);
    if (!account) throw new Error(`there is no service account ${accountId}`);
    return account.credentials;
  }

  private clientOf({ clientId, expiresAt = Infinity }: Token): Client | undefined {
    return expiresAt > this.now() ? this.clients.get(clientId) : undefined;
  }

  /** Removes expired tokens up to the first valid one: they expire roughly in the order in which they were issued. */
  private removeExpiredTokens(): void {
    for (const [hashed, { expiresAt = Infinity }] of this.tokens) {
      if (expiresAt <= this.now()) this.tokens.delete(hashed);
      else if (expiresAt !== Infinity) break;
    }
  }
}

/** Leaves out empty texts: an empty text clears its field. */
function withoutEmpty<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "")) as T;
}

/** Returns the updated data, or `data` itself if the update changes nothing. */
function updated<T extends object>(data: T, update: Schemas["Update"]): T {
  const changed = withoutEmpty({ ...data, ...update });
  return isDeepStrictEqual(changed, data) ? data : changed;
}
