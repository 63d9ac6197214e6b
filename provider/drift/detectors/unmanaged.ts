import type { Comparison } from "../comparison";
import * as remedies from "../remedies/remedies";
import { findingOf } from "../report/createFinding";
import type { Finding } from "../report/finding";

const READ_ONLY = "A stack reads it, but none manages it.";

/** Finds accounts that no stack manages, without those that the command signs in with. */
export function* unmanagedAccounts(comparison: Comparison): Iterable<Finding> {
  const { managedIds, readers } = comparison.declarations;
  for (const account of comparison.inventory.accounts.values()) {
    if (managedIds.has(account.id) || comparison.signInAccountIds.has(account.id)) continue;
    const reader = readers.get(account.id);
    yield findingOf(account, {
      kind: "unmanaged-account",
      reason: reader ? READ_ONLY : "No stack manages it.",
      remedies: [remedies.adoptAccount(account, comparison.names.of(account, reader))],
      declared: reader,
    });
  }
}

/** Finds credentials that no stack manages or lists, of accounts that a stack manages. */
export function* unmanagedCredentials(comparison: Comparison): Iterable<Finding> {
  const { declarations, inventory, names, revocations } = comparison;
  const { managedIds, readers } = declarations;
  const watched = declarations.watchedAccountIds();
  for (const credential of inventory.credentials.values()) {
    const { id, account } = credential;
    if (managedIds.has(id) || revocations.isListed(credential) || !watched.has(account.id)) continue;
    // The command signs in with it, and so does Pulumi: `ExclusiveCredentials` keeps it, too.
    if (credential.client_id === account.organization.keycard.clientID) continue;
    const reader = readers.get(id);
    const place = names.of(credential, reader);
    const adopt = remedies.adoptCredential(credential, names.secretKeyOf(credential), place);
    yield findingOf(credential, {
      kind: "unmanaged-credential",
      reason: reader
        ? READ_ONLY
        : "No stack manages it and no ExclusiveCredentials lists it, although a stack manages its account or has ExclusiveCredentials for it.",
      // A program that reads a credential may need it: no remedy revokes it.
      remedies: reader ? [adopt] : [adopt, revocations.remedyFor(credential)],
      declared: reader ?? revocations.exclusiveFor(credential),
    });
  }
}
