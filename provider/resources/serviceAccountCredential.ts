import * as pulumi from "@pulumi/pulumi";
import { AuthenticationError } from "../../sdk";
import type { CredentialCreateResponse, ServiceAccountCredential as WireCredential } from "../../sdk";
import { bring, findById, isToAdopt } from "../create/adopt";
import { createOnce } from "../create";
import type { Making, Told, Wanted } from "../create/strategy";
import { removeUnsettled, UNSETTLED_DIFFERENCE } from "../create/pendingVerification";
import type { Unsettled } from "../create/pendingVerification";
import { changing, InitializationError, ResourceError } from "../errors";
import {
  accountIdRule,
  changedInputs,
  changedTexts,
  checkInputs,
  commonRules,
  idSchema,
  inputsOf,
  secretSchema,
  texts,
} from "./inputs";
import { LARGEST_PAGE } from "./pages";
import type { Keycard, Operations } from "./operations";
import { gone, isSameOrganization, organizationOf, unlessGone } from "./organization";
import { KeycardResource, named, reading } from "./resource";

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
  /**
   * Takes over the existing credential of this ID, in place of creating one; `clientSecret` goes with it. It is brought to
   * what the program says, and managed from then on. Only read when the resource would be created.
   */
  adopt?: pulumi.Input<string | undefined>;
  /**
   * The secret of the credential that `adopt` names, which Keycard does not tell a second time. It is tried by signing in,
   * and kept as a Pulumi secret, even when it is given in clear.
   */
  clientSecret?: pulumi.Input<string | undefined>;
}

/** Where a credential is that is only read. */
export interface ServiceAccountCredentialState {
  /** The ID of the account that it belongs to. */
  serviceAccountId: pulumi.Input<string>;
  /** The organization's ID or label. Default: `keycard:organizationId`, else the environment's KEYCARD_ORGANIZATION_ID. */
  organizationId?: pulumi.Input<string | undefined>;
}

interface Inputs {
  serviceAccountId: string;
  name: string;
  description?: string;
  organizationId: string;
  adopt?: string;
  clientSecret?: string;
}

interface State extends Omit<Inputs, "adopt"> {
  clientId: string;
  createdAt: string;
  lastUsedAt?: string;
  /** Only where it could not be found out whether Keycard has made it; then there is nothing else but the inputs. */
  unsettled?: Unsettled;
}

/** What of the state is not Keycard's to tell: where the credential is, and the secret, told once and kept ever since. */
type Kept = Pick<State, "organizationId" | "serviceAccountId" | "clientSecret">;

/** What the state is compared by. */
const rules = {
  serviceAccountId: accountIdRule,
  ...commonRules,
};

const checkedRules = {
  ...rules,
  adopt: { schema: idSchema, names: true },
  clientSecret: { schema: secretSchema },
};

/** The one way from the wire to the state; every operation returns through it, and every lookup. */
export function toState(
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

export function credentials(keycard: Keycard) {
  return keycard.client.organizations.serviceAccounts.credentials;
}

/** How one is made, and found again where the answer was lost. */
function making(
  credential: Wanted & Inputs,
  keycard: Keycard,
): Making<CredentialCreateResponse, WireCredential> {
  const { organizationId, serviceAccountId } = credential;
  const wanted = texts(credential);
  const inOrganization = { organization_id: organizationId };
  const removal = (id: string) => remove(id, { organizationId, serviceAccountId }, keycard);
  return {
    wanted: { organizationId, serviceAccountId, ...wanted },
    create: () => credentials(keycard).create(serviceAccountId, { ...inOrganization, ...wanted }),
    list: () => credentials(keycard).list(serviceAccountId, { ...inOrganization, ...LARGEST_PAGE }),
    isUsed: ({ last_used_at }) => Promise.resolve(last_used_at !== undefined),
    remove: removal,
    async takeOver(found, { id, client_id, client_secret }: Told) {
      if (id === found.id && client_id === found.client_id && client_secret && secretSchema(client_secret))
        return { ...found, client_secret };
      await removal(found.id).catch((error: unknown) => {
        throw notRemoved(found, toState(found, { organizationId, serviceAccountId }), error as Error);
      });
      return undefined;
    },
  };
}

/** For a credential of which nobody has the secret, and which is in the way. */
function notRemoved({ id }: WireCredential, state: State, error: Error): InitializationError {
  const told = `${error.message}\nKeycard's answer to the creation of this credential was lost, its secret with it. It is in the state as ${id}; the next \`pulumi up\` replaces it.`;
  return new InitializationError(id, state, told, { cause: error });
}

/** Revokes one; succeeds where it is gone already. */
export async function remove(
  id: string,
  { organizationId: organization_id, serviceAccountId: service_account_id }: Kept,
  keycard: Keycard,
): Promise<void> {
  await unlessGone(keycard, organization_id, () =>
    credentials(keycard).delete(id, { organization_id, service_account_id }),
  );
}

/** Takes over the credential that the program names, if it names one, after trying its secret. */
async function adopted(inputs: Inputs, keycard: Keycard): Promise<WireCredential | undefined> {
  const { adopt, organizationId: organization_id, serviceAccountId: service_account_id } = inputs;
  if (!adopt || !(await isToAdopt(inputs, keycard.memory))) return undefined;
  const retrieve = () => credentials(keycard).retrieve(adopt, { organization_id, service_account_id });
  const found = await findById(adopt, () => unlessGone(keycard, organization_id, retrieve), keycard);
  await trySecret(found, inputs, keycard);
  return found;
}

async function trySecret({ id, client_id }: WireCredential, { clientSecret }: Inputs, keycard: Keycard) {
  try {
    await keycard.client.withOptions({ clientID: client_id, clientSecret }).signIn();
  } catch (error) {
    if (!(error instanceof AuthenticationError)) throw error;
    throw new ResourceError(
      `adopt: the credential "${id}" does not sign in with this clientSecret. Nothing was changed. If its secret is lost, make a new credential: take adopt and clientSecret away.`,
      { cause: error },
    );
  }
}

/** The two inputs go together. */
function halfAdopted({ adopt, clientSecret }: Record<string, unknown>): string[] {
  if (adopt !== undefined && clientSecret === undefined)
    return ["adopt needs clientSecret, too: Keycard does not tell the secret of an existing credential"];
  if (adopt === undefined && clientSecret !== undefined)
    return ["clientSecret goes with adopt only: Keycard makes the secret of a new credential"];
  return [];
}

/** The life of a service account's credential at Keycard. */
export const serviceAccountCredential: Operations<Inputs, State> = {
  check(news, organizationId) {
    const { inputs, failures } = checkInputs(checkedRules, news, organizationId);
    return { inputs, failures: [...failures, ...halfAdopted(inputs)] };
  },

  async diff(id, olds, news, keycard) {
    if (olds.unsettled) return UNSETTLED_DIFFERENCE;
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

  async create(inputs, keycard) {
    const { organizationId, serviceAccountId } = inputs;
    const found = await adopted(inputs, keycard);
    if (found) return bring(found.id, toState(found, inputs), inputs, serviceAccountCredential, keycard);
    const credential = await createOnce(making(inputs, keycard), keycard);
    const { client_secret: clientSecret } = credential;
    return {
      id: credential.id,
      outs: toState(credential, { organizationId, serviceAccountId, clientSecret }),
    };
  },

  async read(id, state, keycard) {
    if (state.unsettled) return { id, props: state as State, inputs: inputsOf(rules, state as Inputs) };
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

  async update(id, olds, news, keycard) {
    const { organizationId, serviceAccountId } = news;
    const change = {
      organization_id: organizationId,
      service_account_id: serviceAccountId,
      ...changedTexts(news, olds),
    };
    const credential = await changing(id, olds, news, () => credentials(keycard).update(id, change));
    return toState(credential, { ...olds, organizationId, serviceAccountId });
  },

  async delete(id, state, keycard) {
    const { unsettled, organizationId } = state;
    if (!unsettled) return remove(id, state, keycard);
    await unlessGone(keycard, organizationId, () =>
      removeUnsettled(id, making(state, keycard), unsettled, keycard),
    );
  },
};

function accountOf({ serviceAccountId }: Partial<State>): string {
  if (serviceAccountId) return serviceAccountId;
  throw new ResourceError(
    "To read a credential, give serviceAccountId: the ID of the account that it belongs to.",
  );
}

/** A secret that a program gives in clear is none the less one. */
function hidden(args: ServiceAccountCredentialArgs | undefined): pulumi.Inputs {
  return args?.clientSecret === undefined ? {} : { clientSecret: pulumi.secret(args.clientSecret) };
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
   * A Pulumi secret. Keycard tells it once, at creation; the state keeps it from then on. A credential that is only read
   * ({@link get}) has none.
   */
  declare readonly clientSecret: pulumi.Output<string>;
  /** When Keycard created it; RFC 3339, UTC. */
  declare readonly createdAt: pulumi.Output<string>;
  /** When it last signed in, as of the last refresh; RFC 3339, UTC. A change of it alone is no drift. */
  declare readonly lastUsedAt: pulumi.Output<string | undefined>;

  /**
   * Reads a credential that exists, without managing it: nothing that this program does changes or deletes it. It has no
   * `clientSecret`, which Keycard tells at creation only. What is not there is an error.
   *
   * @param name the resource's logical name in Pulumi
   * @param id the credential's ID, not its client ID
   * @param state where it is
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} where the ID is empty, and for what the constructor refuses
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state: ServiceAccountCredentialState,
    opts?: pulumi.CustomResourceOptions,
  ): ServiceAccountCredential {
    return new ServiceAccountCredential(name, state, reading(name, id, opts));
  }

  /**
   * @param name the resource's logical name in Pulumi; also the credential's, where `args` gives none
   * @param args what the credential is to be
   * @param opts Pulumi's resource options
   * @throws {pulumi.RunError} where `keycard:clientSecret` or `keycard:apiKey` is configured in clear, and for the option `import`
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
      { ...outputs, ...named(args, name), ...hidden(args) },
      pulumi.mergeOptions(secret, opts),
    );
  }
}
