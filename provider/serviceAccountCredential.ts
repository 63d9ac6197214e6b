import * as pulumi from "@pulumi/pulumi";
import type { CredentialCreateResponse, ServiceAccountCredential as WireCredential } from "../sdk";
import { keepCreated } from "./created";
import { ResourceError } from "./errors";
import { changedInputs, checkInputs, commonRules, idSchema, inputsOf } from "./inputs";
import type { Keycard, Operations } from "./operations";
import { gone, isSameOrganization, organizationOf, unlessGone } from "./organization";
import { KeycardResource, named } from "./resource";

/** What a program says of a service account's credential. */
export interface ServiceAccountCredentialArgs {
  /** The ID of the account that signs in with it. Another account means another credential. */
  serviceAccountId: pulumi.Input<string>;
  /** The credential's name, for people: not empty, need not be unique. Default: the resource's logical name. */
  name?: pulumi.Input<string | undefined>;
  /** At most 500 characters. Taken away, it is cleared at Keycard. */
  description?: pulumi.Input<string | undefined>;
  /**
   * The organization's ID or label, 1 to 255 characters. Default: `keycard:organizationId`, else the environment's
   * KEYCARD_ORGANIZATION_ID. Another organization means another credential; another name of the same one does not.
   */
  organizationId?: pulumi.Input<string | undefined>;
}

interface Inputs {
  serviceAccountId: string;
  name: string;
  description?: string;
  organizationId: string;
}

interface State extends Inputs {
  clientId: string;
  /** Absent only where Keycard's answer to its creation was lost or malformed, or it was made elsewhere. */
  clientSecret?: string;
  createdAt: string;
  lastUsedAt?: string;
}

/** What of the state is not Keycard's to tell: where the credential is, and the secret, told once and kept ever since. */
type Kept = Pick<State, "organizationId" | "serviceAccountId" | "clientSecret">;

const rules = {
  serviceAccountId: {
    schema: idSchema,
    names: true,
    required: "is missing: give the account's id, as in `account.id`",
  },
  ...commonRules,
};

/** The one way from the wire to the state; every operation returns through it. */
function toState(
  credential: WireCredential,
  { organizationId, serviceAccountId, clientSecret }: Kept,
): State {
  return {
    organizationId,
    serviceAccountId,
    name: credential.name,
    ...(credential.description ? { description: credential.description } : {}),
    clientId: credential.client_id,
    ...(clientSecret ? { clientSecret } : {}),
    createdAt: credential.created_at,
    ...(credential.last_used_at ? { lastUsedAt: credential.last_used_at } : {}),
  };
}

function credentials(keycard: Keycard) {
  return keycard.client.organizations.serviceAccounts.credentials;
}

/** The life of a service account's credential at Keycard. */
export const serviceAccountCredential: Operations<Inputs, State> = {
  check: (news, organizationId) => checkInputs(rules, news, organizationId),

  async diff(id, olds, news, keycard) {
    const changed = changedInputs(rules, olds, news);
    const replaces: string[] = changed.filter((property) => property === "serviceAccountId");
    // A credential whose secret nobody has is of no use: only a new one brings a secret.
    if (!olds.clientSecret) replaces.push("clientSecret");
    const { organizationId, serviceAccountId: service_account_id } = news;
    if (changed.includes("organizationId") && replaces.length === 0) {
      const retrieve = (organization_id: string) =>
        credentials(keycard).retrieve(id, { organization_id, service_account_id });
      if (!(await isSameOrganization(keycard, organizationId, retrieve))) replaces.push("organizationId");
    }
    return { changes: changed.length > 0 || replaces.length > 0, replaces };
  },

  create({ organizationId, serviceAccountId, name, description }, keycard) {
    return keepCreated(
      () =>
        credentials(keycard).create(serviceAccountId, {
          organization_id: organizationId,
          name,
          ...(description ? { description } : {}),
        }),
      (credential: CredentialCreateResponse) =>
        toState(credential, { organizationId, serviceAccountId, clientSecret: credential.client_secret }),
    );
  },

  async read(id, state, keycard) {
    const kept = {
      ...state,
      organizationId: organizationOf(state, keycard),
      serviceAccountId: accountOf(state),
    };
    const credential = await unlessGone(keycard, kept.organizationId, () =>
      credentials(keycard).retrieve(id, {
        organization_id: kept.organizationId,
        service_account_id: kept.serviceAccountId,
      }),
    );
    if (credential === undefined) return gone(id, state.createdAt ?? state.clientId);
    const props = toState(credential, kept);
    return { id, props, inputs: inputsOf<Inputs>(rules, props) };
  },

  async update(id, olds, { organizationId, serviceAccountId, name, description }, keycard) {
    const credential = await credentials(keycard).update(id, {
      organization_id: organizationId,
      service_account_id: serviceAccountId,
      name,
      // An empty text clears it, and is sent only where there may be one.
      ...(description || olds.description ? { description: description ?? "" } : {}),
    });
    return toState(credential, { ...olds, organizationId, serviceAccountId });
  },

  async delete(id, { organizationId: organization_id, serviceAccountId: service_account_id }, keycard) {
    await unlessGone(keycard, organization_id, () =>
      credentials(keycard).delete(id, { organization_id, service_account_id }),
    );
  },
};

function accountOf({ serviceAccountId }: Partial<State>): string {
  if (serviceAccountId) return serviceAccountId;
  throw new ResourceError(
    "To read a credential, give serviceAccountId: the ID of the account that it belongs to.",
  );
}

/**
 * A service account's credential: the client ID and client secret that a machine signs in with. Its name and description
 * are updated in place; it is replaced, the new one first, when it moves to another account or organization.
 */
export class ServiceAccountCredential extends KeycardResource {
  /** The organization, by ID or by label, as it was given. */
  declare readonly organizationId: pulumi.Output<string>;
  /** The ID of the account that signs in with it. */
  declare readonly serviceAccountId: pulumi.Output<string>;
  /** The credential's name, as Keycard has it. */
  declare readonly name: pulumi.Output<string>;
  /** Its description, as Keycard has it; absent where there is none. */
  declare readonly description: pulumi.Output<string | undefined>;
  /** The client ID to sign in with; Keycard makes it, and it is no secret. */
  declare readonly clientId: pulumi.Output<string>;
  /**
   * A Pulumi secret. Keycard tells it once, at creation; the state keeps it from then on. A credential that was read
   * by its ID (`opts.id`) has none.
   */
  declare readonly clientSecret: pulumi.Output<string>;
  /** When Keycard created it; RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When it last signed in, as of the last refresh; RFC 3339, UTC. A change of it alone is no drift. */
  declare readonly lastUsedAt: pulumi.Output<string | undefined>;

  /**
   * @param name the resource's logical name in Pulumi; also the credential's, where `args` gives none
   * @param args what the credential is to be
   * @param opts Pulumi's resource options
   */
  constructor(name: string, args: ServiceAccountCredentialArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      organizationId: undefined,
      description: undefined,
      clientId: undefined,
      clientSecret: undefined,
      createdAt: undefined,
      lastUsedAt: undefined,
    };
    const secret = { additionalSecretOutputs: ["clientSecret"] };
    super(
      "ServiceAccountCredential",
      name,
      { ...outputs, ...named(args, name) },
      pulumi.mergeOptions(secret, opts),
    );
  }
}
