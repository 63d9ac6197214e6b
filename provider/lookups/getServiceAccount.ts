import type * as pulumi from "@pulumi/pulumi";
import type { ServiceAccount as WireServiceAccount } from "../../sdk";
import { formatList } from "../resources/formatList";
import { ResourceError } from "../errors";
import { idSchema, nameSchema } from "../resources/inputs";
import { undefinedIfNotFound } from "../resources/organization";
import type { LookupTarget } from "./context";
import { allAccounts, toResult } from "./getServiceAccounts";
import type { GetServiceAccountResult } from "./getServiceAccounts";
import type { Lookup } from "./lookup";

/** Arguments of {@link getServiceAccount}: either the account's ID or its name, which is case-sensitive. */
export type GetServiceAccountArgs = { id: string; name?: undefined } | { name: string; id?: undefined };

/** Arguments of {@link getServiceAccountOutput}. */
export type GetServiceAccountOutputArgs =
  { id: pulumi.Input<string>; name?: undefined } | { name: pulumi.Input<string>; id?: undefined };

export const serviceAccountLookup: Lookup<
  { id?: string | undefined; name?: string | undefined },
  GetServiceAccountResult
> = {
  name: "getServiceAccount",
  rules: { id: { schema: idSchema, isId: "a Keycard ID" }, name: { schema: nameSchema } },
  async find({ id, name }, target) {
    if (id !== undefined && name !== undefined) throw new ResourceError("Pass id or name, not both.");
    if (id !== undefined) return toResult(await findById(id, target), target.organizationId);
    if (name !== undefined) return toResult(await findByName(name, target), target.organizationId);
    throw new ResourceError("Pass the account's id or name.");
  },
};

async function findById(
  id: string,
  { context, organizationId, expand }: LookupTarget,
): Promise<WireServiceAccount> {
  const { serviceAccounts } = context.client.organizations;
  const found = await undefinedIfNotFound(context, organizationId, () =>
    serviceAccounts.retrieve(id, { organization_id: organizationId, ...expand }),
  );
  return (
    found ?? notFound(`with the ID "${id}"`, organizationId, "the ID (an account's ID, not a client ID)")
  );
}

async function findByName(name: string, target: LookupTarget): Promise<WireServiceAccount> {
  const { items } = await allAccounts(target);
  const [found, ...others] = items.filter((account) => account.name === name);
  const quoted = JSON.stringify(name);
  if (found === undefined)
    return notFound(`named ${quoted}`, target.organizationId, "the name, which is case-sensitive,");
  if (others.length === 0) return found;
  throw new ResourceError(
    `${others.length + 1} service accounts are named ${quoted}:\n${formatList([found, ...others])}\nPass the ID of one of them: { id: "<its ID>" }.`,
  );
}

function notFound(which: string, organizationId: string, check: string): never {
  throw new ResourceError(
    `The organization "${organizationId}" has no service account ${which}. Check ${check} and the option organizationId. ` +
      "If this program creates the account, use that resource's outputs instead of this function.",
  );
}
