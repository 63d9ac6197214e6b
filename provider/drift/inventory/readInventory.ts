/** What is at Keycard: all accounts of some organizations, and the credentials of those accounts that matter. */
import { NotFoundError } from "../../../sdk";
import type { ServiceAccount, ServiceAccountCredential } from "../../../sdk";
import { isGone } from "../../../sdk/call";
import { allOf, LARGEST_PAGE } from "../../list";
import { noOrganization } from "../../organization";
import { each } from "./each";
import type { ReadOnlyKeycard } from "./readOnly";

/** An organization, by its ID or its label, and how it is read. */
export interface Organization {
  readonly id: string;
  readonly keycard: ReadOnlyKeycard;
}

interface AccountReference {
  readonly id: string;
  /** Nothing where that is not known: then it is there only if a list has it. */
  readonly organization: Organization | undefined;
}

interface CredentialReference {
  readonly id: string;
  readonly serviceAccountId: string;
}

/** What there is to find out. */
export interface Interest {
  /** Their accounts are listed. The same one may be named twice, by its ID and by its label. */
  readonly organizations: readonly Organization[];
  /** Accounts that may be there, and whose credentials are listed. */
  readonly accounts: readonly AccountReference[];
  /** Credentials that may be there, of accounts that are among these accounts. */
  readonly credentials: readonly CredentialReference[];
}

/** Of what Keycard tells of an account, what matters. */
export interface FoundAccount extends Pick<ServiceAccount, "id" | "name" | "description" | "created_at"> {
  readonly organization: Organization;
}

/** Of what Keycard tells of a credential, what matters. */
export interface FoundCredential extends Pick<
  ServiceAccountCredential,
  "id" | "client_id" | "name" | "description" | "created_at" | "last_used_at"
> {
  readonly account: FoundAccount;
}

/** What was found, by ID. IDs are Keycard's own, so nothing is here twice. */
export interface Inventory {
  readonly accounts: ReadonlyMap<string, FoundAccount>;
  readonly credentials: ReadonlyMap<string, FoundCredential>;
  /** The organizations that turned out to be others by another name, and those. */
  readonly sameAs: ReadonlyMap<Organization, Organization>;
}

/** How far the reading is; `total` where that is known. */
export interface Progress {
  readonly reading: "accounts" | "credentials";
  readonly done: number;
  readonly total?: number;
}

/**
 * Reads what is at Keycard, in as few calls as its API allows: one for each 1,000 accounts, and one for each account whose
 * credentials are asked for, many at a time. What a list leaves out is asked for by its ID before it counts as not there, since a
 * list that changes while it is read may skip something.
 *
 * @throws {ResourceError} where an organization does not answer: then nothing in it may count as gone
 * @throws {Error} where an account is there, and its credentials are not to be seen
 */
export async function readInventory(
  { organizations, accounts, credentials }: Interest,
  onProgress: (progress: Progress) => void,
): Promise<Inventory> {
  const found = {
    accounts: new Map<string, FoundAccount>(),
    credentials: new Map<string, FoundCredential>(),
    sameAs: new Map<Organization, Organization>(),
  };
  for (const organization of organizations) {
    for await (const account of newAccounts(organization, found)) {
      found.accounts.set(account.id, accountOf(account, organization));
      onProgress({ reading: "accounts", done: found.accounts.size });
    }
  }
  const placed = accounts.flatMap(({ id, organization }) => (organization ? [{ id, organization }] : []));
  await each(missing(placed, found.accounts), async ({ id, organization }) => {
    const account = await ifThere(() => retrieveAccount(id, organization));
    if (account) found.accounts.set(id, accountOf(account, organization));
  });

  const read = unique(accounts).flatMap(({ id }) => found.accounts.get(id) ?? []);
  let done = 0;
  onProgress({ reading: "credentials", done, total: read.length });
  await each(read, async (account) => {
    const credentials = await credentialsOf(account);
    if (credentials === undefined) found.accounts.delete(account.id);
    for (const credential of credentials ?? []) {
      found.credentials.set(credential.id, credentialOf(credential, account));
    }
    onProgress({ reading: "credentials", done: ++done, total: read.length });
  });
  await each(missing(credentials, found.credentials), async ({ id, serviceAccountId }) => {
    const account = found.accounts.get(serviceAccountId);
    const credential = account && (await ifThere(() => retrieve(account, id)));
    if (credential) found.credentials.set(id, credentialOf(credential, account));
  });
  return found;
}

/** An organization's accounts; none where they are known already, because it was read under another name: that is noted. */
async function* newAccounts(
  organization: Organization,
  { accounts, sameAs }: { accounts: Map<string, FoundAccount>; sameAs: Map<Organization, Organization> },
): AsyncGenerator<ServiceAccount> {
  const { id, keycard } = organization;
  let first = true;
  try {
    for await (const account of keycard.accounts.list(id, LARGEST_PAGE)) {
      const known = first ? accounts.get(account.id) : undefined;
      if (known) {
        sameAs.set(organization, known.organization);
        return;
      }
      first = false;
      yield account;
    }
  } catch (error) {
    throw error instanceof NotFoundError ? noOrganization(id, error) : error;
  }
}

/**
 * An account's credentials; `undefined` where it has been deleted meanwhile.
 *
 * @throws {Error} where there is said to be no such list, and the account is there: its credentials are not gone then, but hidden
 */
export async function credentialsOf({
  id,
  name,
  organization,
}: FoundAccount): Promise<ServiceAccountCredential[] | undefined> {
  const { keycard, id: organization_id } = organization;
  const list = () => keycard.credentials.list(id, { organization_id, ...LARGEST_PAGE });
  const credentials = await ifThere(() => allOf(list()));
  if (credentials || !(await ifThere(() => retrieveAccount(id, organization)))) return credentials;
  throw new Error(
    `Keycard does not list the credentials of the account "${name}" (${id}) as if it were not there, but it is: nothing can be said of them. Check that the credential that this signs in with may list credentials, and run it again.`,
  );
}

function retrieveAccount(id: string, { keycard, id: organization_id }: Organization) {
  return keycard.accounts.retrieve(id, { organization_id });
}

function retrieve({ id, organization }: FoundAccount, credential: string) {
  const place = { organization_id: organization.id, service_account_id: id };
  return organization.keycard.credentials.retrieve(credential, place);
}

/** Nothing else of an answer is kept: it would be much, and it might pass for something of ours. */
function accountOf(account: ServiceAccount, organization: Organization): FoundAccount {
  const { id, name, description, created_at } = account;
  return { id, name, ...(description ? { description } : {}), created_at, organization };
}

function credentialOf(credential: ServiceAccountCredential, account: FoundAccount): FoundCredential {
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

/** Makes a call; `undefined` where what it is about is gone. The organization has answered, so there is no need to ask whether it is there. */
async function ifThere<Answer>(call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function unique<Reference extends { id: string }>(references: readonly Reference[]): Reference[] {
  return [...new Map(references.map((one) => [one.id, one])).values()];
}

function missing<Reference extends { id: string }>(
  references: readonly Reference[],
  found: ReadonlyMap<string, unknown>,
): Reference[] {
  return unique(references).filter(({ id }) => !found.has(id));
}
