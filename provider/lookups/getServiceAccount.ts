import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount as WireServiceAccount } from "../../sdk";
import { listed } from "../resources/listed";
import { ResourceError } from "../errors";
import { idSchema, nameSchema } from "../resources/inputs";
import { undefinedIfNotFound } from "../resources/organization";
import { allAccounts, toResult } from "./getServiceAccounts";
import type { GetServiceAccountResult } from "./getServiceAccounts";
import { lookUp, lookUpOutput } from "./lookup";
import type { Lookup, LookupOptions, LookupOutputOptions, Place } from "./lookup";

/** Which service account is meant: the one of an ID, or the only one of a name, upper and lower case as at Keycard. */
export type GetServiceAccountArgs = { id: string; name?: undefined } | { name: string; id?: undefined };

/** The same, where values may be outputs. */
export type GetServiceAccountOutputArgs =
  { id: pulumi.Input<string>; name?: undefined } | { name: pulumi.Input<string>; id?: undefined };

const lookup: Lookup<{ id?: string | undefined; name?: string | undefined }, GetServiceAccountResult> = {
  name: "getServiceAccount",
  rules: { id: { schema: idSchema, names: true }, name: { schema: nameSchema } },
  async find({ id, name }, place) {
    if (id !== undefined && name !== undefined) throw new ResourceError("Give id or name, not both.");
    if (id !== undefined) return toResult(await ofId(id, place), place.organizationId);
    if (name !== undefined) return toResult(await ofName(name, place), place.organizationId);
    throw new ResourceError("Give the account's id, or its name.");
  },
};

async function ofId(id: string, { asked, organizationId, expand }: Place): Promise<WireServiceAccount> {
  const { serviceAccounts } = asked.client.organizations;
  const found = await undefinedIfNotFound(asked, organizationId, () =>
    serviceAccounts.retrieve(id, { organization_id: organizationId, ...expand }),
  );
  return found ?? none(`of the ID "${id}"`, organizationId, "the ID (an account's, not a client ID)");
}

async function ofName(name: string, place: Place): Promise<WireServiceAccount> {
  const { items } = await allAccounts(place);
  const [found, ...others] = items.filter((account) => account.name === name);
  const quoted = JSON.stringify(name);
  if (found === undefined)
    return none(`named ${quoted}`, place.organizationId, "the name, upper and lower case included");
  if (others.length === 0) return found;
  throw new ResourceError(
    `${others.length + 1} service accounts are named ${quoted}:\n${listed([found, ...others])}\nName the right one by its ID: { id: "<its ID>" }.`,
  );
}

function none(which: string, organizationId: string, check: string): never {
  throw new ResourceError(
    `The organization "${organizationId}" has no service account ${which}. Check ${check}, and the option organizationId. ` +
      "If this program makes the account, take it from its resource.",
  );
}

/**
 * Looks up a service account, without managing it: by its ID, in one call, or by its name, for which it reads the whole list.
 *
 * @throws {pulumi.RunError} where there is none; where several have the name, which it lists; for bad arguments, for settings that are missing,
 * and where Keycard cannot be asked
 */
export function getServiceAccount(
  args: GetServiceAccountArgs,
  options?: LookupOptions,
): Promise<GetServiceAccountResult> {
  return lookUp(lookup, args, options);
}

/** The same as {@link getServiceAccount}, for arguments that may be outputs; it looks when they are known, and fails the program as that does. */
export function getServiceAccountOutput(
  args: GetServiceAccountOutputArgs,
  options?: LookupOutputOptions,
): pulumi.Output<GetServiceAccountResult> {
  return lookUpOutput(lookup, args, options);
}
