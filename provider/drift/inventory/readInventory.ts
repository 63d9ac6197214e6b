/** Reads the accounts of organizations, and the credentials of the accounts that matter for a comparison. */
import { NotFoundError } from "../../../sdk";
import type { ServiceAccount, ServiceAccountCredential } from "../../../sdk";
import { isNotFound } from "../../../sdk/internal";
import { allOf, LARGEST_PAGE } from "../../resources/pages";
import { ResourceError } from "../../errors";
import { pMap } from "../../thirdParty";
import type { ReadOnlyKeycard } from "./readOnly";

/** An organization, and the client that reads it. */
export interface Organization {
  /** ID or label. */
  readonly id: string;
  readonly keycard: ReadOnlyKeycard;
  /** Where the client's settings come from; set if several stacks are compared. */
  readonly source?: string | undefined;
}

interface AccountReference {
  readonly id: string;
  /** Absent if not known: the account then exists only if a list contains it. */
  readonly organization: Organization | undefined;
}

interface CredentialReference {
  readonly id: string;
  readonly serviceAccountId: string;
}

/** The organizations and objects to read. */
export interface InventoryScope {
  /** Organizations whose accounts are listed. One organization may occur twice, by ID and by label. */
  readonly organizations: readonly Organization[];
  /** Accounts whose credentials are listed. */
  readonly accounts: readonly AccountReference[];
  /** Credentials of these accounts that are retrieved if no list contains them. */
  readonly credentials: readonly CredentialReference[];
}

/** An account at Keycard. */
export interface FoundAccount extends Pick<ServiceAccount, "id" | "name" | "description" | "created_at"> {
  readonly organization: Organization;
}

/** A credential at Keycard. */
export interface FoundCredential extends Pick<
  ServiceAccountCredential,
  "id" | "client_id" | "name" | "description" | "created_at" | "last_used_at"
> {
  readonly account: FoundAccount;
}

/** The objects found, by Keycard's ID. */
export interface Inventory {
  readonly accounts: Map<string, FoundAccount>;
  readonly credentials: Map<string, FoundCredential>;
  /** Maps an organization that was read under two names to the first of them. */
  readonly sameAs: Map<Organization, Organization>;
}

/** Progress of reading; `total` is absent if not known. */
export interface Progress {
  readonly reading: "accounts" | "credentials";
  readonly done: number;
  readonly total?: number;
}

export type OnProgress = (progress: Progress) => void;

/**
 * Reads Keycard in as few calls as its API allows: one for each 1,000 accounts, and one for each account whose credentials are
 * needed. An object that no list contains is retrieved by ID before it counts as missing, since a list that changes while it is
 * read may skip an object.
 *
 * @throws {ResourceError} if an organization is not found: nothing in it may count as deleted
 * @throws {Error} if an account exists but its credentials cannot be listed
 */
export async function readInventory(scope: InventoryScope, onProgress: OnProgress): Promise<Inventory> {
  const found: Inventory = { accounts: new Map(), credentials: new Map(), sameAs: new Map() };
  for (const organization of scope.organizations) {
    for await (const account of newAccounts(organization, found)) {
      found.accounts.set(account.id, toFoundAccount(account, organization));
      onProgress({ reading: "accounts", done: found.accounts.size });
    }
  }
  const placed = scope.accounts.flatMap(({ id, organization }) =>
    organization ? [{ id, organization }] : [],
  );
  await pMap(
    notIn(found.accounts, placed),
    async ({ id, organization }) => {
      const account = await ifFound(organization, () => retrieveAccount(id, organization));
      if (account) found.accounts.set(id, toFoundAccount(account, organization));
    },
    CONCURRENTLY,
  );

  const accounts = unique(scope.accounts).flatMap(({ id }) => found.accounts.get(id) ?? []);
  await readCredentials(accounts, onProgress, (account, credentials) => {
    if (credentials === undefined) found.accounts.delete(account.id);
    for (const one of credentials ?? []) found.credentials.set(one.id, toFoundCredential(one, account));
  });
  await pMap(
    notIn(found.credentials, scope.credentials),
    async ({ id, serviceAccountId }) => {
      const account = found.accounts.get(serviceAccountId);
      const credential =
        account && (await ifFound(account.organization, () => retrieveCredential(id, account)));
      if (credential) found.credentials.set(id, toFoundCredential(credential, account));
    },
    CONCURRENTLY,
  );
  return found;
}

/**
 * Reads the credentials of accounts, a call for each.
 *
 * @param onRead receives `undefined` for an account that has been deleted meanwhile
 * @throws {Error} if an account exists but its credentials cannot be listed
 */
export async function readCredentials(
  accounts: readonly FoundAccount[],
  onProgress: OnProgress,
  onRead: (account: FoundAccount, credentials: ServiceAccountCredential[] | undefined) => void,
): Promise<void> {
  let done = 0;
  onProgress({ reading: "credentials", done, total: accounts.length });
  await pMap(
    accounts,
    async (account) => {
      onRead(account, await listCredentials(account));
      onProgress({ reading: "credentials", done: ++done, total: accounts.length });
    },
    CONCURRENTLY,
  );
}

/** Enough to keep the client busy, which limits concurrent calls itself, and little enough to save memory. */
const CONCURRENTLY = { concurrency: 100 };

/** Lists an organization's accounts, unless they have been read already under the organization's other name. */
async function* newAccounts(
  organization: Organization,
  { accounts, sameAs }: Inventory,
): AsyncGenerator<ServiceAccount> {
  const { id, keycard } = organization;
  let isFirst = true;
  try {
    for await (const account of keycard.accounts.list(id, LARGEST_PAGE)) {
      const known = isFirst ? accounts.get(account.id) : undefined;
      if (known) {
        sameAs.set(organization, known.organization);
        return;
      }
      isFirst = false;
      yield account;
    }
  } catch (error) {
    throw withSource(organization, error instanceof NotFoundError ? organizationNotFound(id, error) : error);
  }
}

function organizationNotFound(id: string, cause: NotFoundError): ResourceError {
  return new ResourceError(
    `Organization "${id}" was not found, or the credential that this command signs in with cannot access it. Nothing was compared or written. ` +
      "Check --organization and KEYCARD_ORGANIZATION_ID. If a state contains the old label of a renamed organization, run `pulumi up` with the new label first.",
    { cause },
  );
}

/** Names the stack in an error, if there are several; once, since calls that wait for the same sign-in fail with the same error. */
function withSource({ source }: Organization, error: unknown): unknown {
  const lead = `${source}: `;
  const isUnnamed = source !== undefined && error instanceof Error && !error.message.startsWith(lead);
  if (isUnnamed) error.message = lead + error.message;
  return error;
}

/**
 * Lists an account's credentials; returns `undefined` if the account was deleted meanwhile.
 *
 * @throws {Error} if the account exists but its credentials cannot be listed
 */
export async function listCredentials(
  account: FoundAccount,
): Promise<ServiceAccountCredential[] | undefined> {
  const { id, name, organization } = account;
  const { keycard, id: organization_id } = organization;
  const list = () => keycard.credentials.list(id, { organization_id, ...LARGEST_PAGE });
  const credentials = await ifFound(organization, () => allOf(list()));
  if (credentials || !(await ifFound(organization, () => retrieveAccount(id, organization))))
    return credentials;
  throw new Error(
    `Keycard responds with 404 for the credentials of the account "${name}" (${id}), although the account exists. Nothing was compared or written. Grant the credential that this command signs in with the permission to list credentials, and run the command again.`,
  );
}

function retrieveAccount(id: string, { keycard, id: organization_id }: Organization) {
  return keycard.accounts.retrieve(id, { organization_id });
}

function retrieveCredential(id: string, { id: service_account_id, organization }: FoundAccount) {
  const params = { organization_id: organization.id, service_account_id };
  return organization.keycard.credentials.retrieve(id, params);
}

/** Drops all other fields of a response, which take memory and could collide with the fields added here. */
function toFoundAccount(account: ServiceAccount, organization: Organization): FoundAccount {
  const { id, name, description, created_at } = account;
  return { id, name, ...(description ? { description } : {}), created_at, organization };
}

function toFoundCredential(credential: ServiceAccountCredential, account: FoundAccount): FoundCredential {
  const { id, client_id, name, description, created_at, last_used_at } = credential;
  return {
    id,
    client_id,
    name,
    ...(description ? { description } : {}),
    created_at,
    ...(last_used_at ? { last_used_at } : {}),
    account,
  };
}

/** Makes a call; returns `undefined` on a 404. The organization is known to exist, since its accounts have been listed. */
async function ifFound<Result>(
  organization: Organization,
  call: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw withSource(organization, error);
  }
}

function unique<Reference extends { id: string }>(references: readonly Reference[]): Reference[] {
  return [...new Map(references.map((one) => [one.id, one])).values()];
}

function notIn<Reference extends { id: string }>(
  found: ReadonlyMap<string, unknown>,
  references: readonly Reference[],
): Reference[] {
  return unique(references).filter(({ id }) => !found.has(id));
}
