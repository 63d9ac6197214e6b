/** What an account has beside the credentials that a program lists, and whose it is. */
import type { ServiceAccountCredential as WireCredential } from "../../sdk";
import type { Memory } from "../session/memory";
import { ResourceError } from "../errors";
import { isUnknown } from "./inputs";
import { allOf, LARGEST_PAGE } from "./pages";
import type { Keycard } from "./operations";
import { credentials } from "./serviceAccountCredential";
import { described } from "./describeCredential";

/** Which credentials an account may have. */
export interface Statement {
  organizationId: string;
  serviceAccountId: string;
  credentialIds: string[];
}

/** What the state has of an earlier statement; nothing where this is the first one. */
export interface Earlier {
  credentialIds?: string[];
  managedIds?: string[];
}

/**
 * Looks at all credentials of the account, while this host makes none: what is just being made, or is lost and being settled,
 * must not be taken for somebody else's. Nor is any begun until `work` has ended.
 */
export function lookAtAll<Answer>(
  { organizationId, serviceAccountId }: Statement,
  keycard: Keycard,
  work: (there: WireCredential[]) => Answer | Promise<Answer>,
): Promise<Answer> {
  return keycard.memory.turnsIn(serviceAccountId).look(async () => {
    const page = { organization_id: organizationId, ...LARGEST_PAGE };
    return work(await allOf(credentials(keycard).list(serviceAccountId, page)));
  });
}

/** Whether a resource of the stack has it, as far as this host has heard or the state tells, or is to have it. */
export function isManaged(id: string, { managedIds }: Earlier, { known, adopting }: Memory): boolean {
  return known.has(id) || adopting.has(id) || Boolean(managedIds?.includes(id));
}

/**
 * Those that neither the program lists nor a resource of this stack has. What a resource has counts as its own, listed or not: revoking it would
 * be an outage. An old one that is being replaced or removed is still its resource's; Pulumi deletes it when all that uses it has changed over.
 *
 * @throws {ResourceError} where a client ID is listed, since the very credential that is meant would be revoked
 */
export function findOthers(
  there: WireCredential[],
  statement: Statement,
  earlier: Earlier,
  { memory, tell }: Keycard,
): WireCredential[] {
  const listed = new Set(statement.credentialIds);
  const mistaken = there.find(({ client_id, id }) => listed.has(client_id) && !listed.has(id));
  if (mistaken) throw clientIdListed(mistaken);

  const kept: WireCredential[] = [];
  const doubtful: WireCredential[] = [];
  const others: WireCredential[] = [];
  for (const one of there.filter(({ id }) => !listed.has(id))) {
    if (isManaged(one.id, earlier, memory)) kept.push(one);
    else (mayBeReplaced(one, statement, earlier, memory) ? doubtful : others).push(one);
  }
  tellKept(statement, kept, doubtful, earlier, tell);
  return others;
}

/** Tells why what is not listed is not revoked. */
function tellKept(
  statement: Statement,
  kept: WireCredential[],
  doubtful: WireCredential[],
  { credentialIds }: Earlier,
  tell: Keycard["tell"],
): void {
  // Each may be the one that is not known before an up.
  if (statement.credentialIds.some(isUnknown)) return;
  // What was listed until now goes, as Pulumi shows: there is nothing to tell.
  const forgotten = kept.filter(({ id }) => !credentialIds?.includes(id));
  if (forgotten.length > 0) tell(`${titleOf(statement)}: ${FORGOTTEN}:\n${described(forgotten)}`);
  if (doubtful.length > 0) tell(`${titleOf(statement)}: ${DOUBTFUL}:\n${described(doubtful)}`);
}

const FORGOTTEN =
  "not revoked, though not listed, since each is a resource of this stack (list what is to stay; `pulumi refresh` finds what is none any more)";

const DOUBTFUL =
  "not revoked yet, since each has the name of one that this program may be replacing (the next `pulumi up` revokes what is still there)";

/**
 * Pulumi does not tell which credential a forced replacement replaces. Where the state has not noted whose it is, its name has to
 * do, for one update.
 */
function mayBeReplaced(
  { id, name }: WireCredential,
  { serviceAccountId }: Statement,
  { credentialIds, managedIds }: Earlier,
  memory: Memory,
): boolean {
  const isFirstTime = managedIds === undefined || Boolean(credentialIds?.includes(id));
  return isFirstTime && memory.isDeclared(serviceAccountId, name);
}

function clientIdListed({ id, client_id }: WireCredential): ResourceError {
  return new ResourceError(
    `credentialIds has "${client_id}", which is the client ID of the credential "${id}". Nothing was revoked. List its id, as in \`key.id\`.`,
  );
}

/** How what is told begins. */
export function titleOf({ serviceAccountId }: Statement): string {
  return `ExclusiveCredentials of the service account "${serviceAccountId}"`;
}
