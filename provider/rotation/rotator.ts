/** Carries out what is due for a `RotatingCredential`, in steps that can fail without losing a credential or its secret. */
import { isNotFound, isOutcomeUnknown } from "../../sdk/internal";
import { createExactlyOnce } from "../create";
import { deletePending, PendingVerificationError } from "../create/pendingVerification";
import { InitializationError, ResourceError, withAdvice } from "../errors";
import {
  canSignIn,
  credentialsApi,
  credentialStrategy,
  placeParams,
  retrieveCredential,
  revokeCredential,
} from "../resources/credentials";
import type { CredentialPlace } from "../resources/credentials";
import { quoted } from "../resources/formatList";
import { createParams, isTriggerComplete, updateParams } from "../resources/inputs";
import type { ProviderContext } from "../session/context";
import { rotationReason } from "./plan";
import type { RotationReason } from "./plan";
import { decideRetirement, isOwn, SIGNS_IN } from "./retirement";
import { serverTime } from "./serverTime";
import { durationsOf, generationName, nextText, isTimed, toState } from "./state";
import type { Generation, Rotation, RotationInputs, RotationState, Text } from "./state";

/** One create or update of a `RotatingCredential`. */
export class Rotator {
  /** What has taken effect so far. */
  #inputs: RotationInputs;
  readonly #place: CredentialPlace;

  /**
   * @param id the resource's ID
   * @param olds the inputs in the state; for a new resource, the new ones
   * @param rotation the credentials in the state; changed step by step
   */
  constructor(
    private readonly id: string,
    private readonly olds: RotationInputs,
    private readonly rotation: Rotation,
    private readonly news: RotationInputs,
    private readonly context: ProviderContext,
  ) {
    const { organizationId, serviceAccountId } = news;
    this.#place = { organizationId, serviceAccountId };
    const { name, description, rotateWhenChanged } = olds;
    const recorded = isTriggerComplete(olds) ? rotateWhenChanged : undefined;
    this.#inputs = { ...news, name, description, rotateWhenChanged: recorded };
  }

  /**
   * Rotates, renames and revokes what is due, in this order. Returns the new state.
   *
   * @throws {InitializationError} with the state so far, if a step fails after something has changed
   */
  async run(): Promise<RotationState> {
    const before = JSON.stringify(this.#state);
    try {
      await this.#settleLostCreate();
      const now = isTimed(this.news, this.rotation) ? await this.#now() : undefined;
      const reason = rotationReason(this.rotation, this.olds, this.news, now);
      if (reason) await this.#rotate(reason);
      if (isTriggerComplete(this.news)) this.#inputs.rotateWhenChanged = this.news.rotateWhenChanged;
      await this.#rename();
      await this.#retirePrevious();
      await this.#revokeSuperseded();
      return this.#state;
    } catch (error) {
      throw JSON.stringify(this.#state) === before ? error : this.#incomplete(error);
    }
  }

  /** Takes an existing credential as the first one: gives it the program's name and description. */
  async adopt(): Promise<RotationState> {
    try {
      await this.#rename();
      return this.#state;
    } catch (error) {
      throw this.#incomplete(error);
    }
  }

  get #state(): RotationState {
    return toState(this.#inputs, this.rotation);
  }

  #now(): Promise<number | undefined> {
    return serverTime(this.context, this.#place.organizationId);
  }

  /** Deletes what a create with a lost response has left, if anything. */
  async #settleLostCreate(): Promise<void> {
    const { lost } = this.rotation;
    if (!lost) return;
    await deletePending(this.id, this.#strategy(), lost, this.context, DELETE_UNUSED);
    this.rotation.lost = undefined;
  }

  /** Creates a credential, or takes the one that an earlier update created, signs in with it, and makes it the current one. */
  async #rotate({ isOnDemand }: RotationReason): Promise<void> {
    const { rotation } = this;
    if (rotation.pending) await this.#dropDeletedPending();
    const pending = (rotation.pending ??= await this.#create());
    if (rotation.current) await this.#verify(pending);
    const { createdAt, ...current } = pending;
    const { previous } = rotation;
    if (rotation.current) {
      // Two credentials are valid at most: the one before the previous one goes.
      if (previous) this.#supersede(previous);
      rotation.previous = rotation.current;
    }
    const now = this.context.client.serverTime ?? 0;
    Object.assign(rotation, { current, pending: undefined, count: current.number, isOnDemand });
    rotation.retiresAt = undefined;
    rotation.rotatedAt = new Date(Math.max(Date.parse(createdAt), now)).toISOString();
    if (durationsOf(this.news).overlap === 0 && rotation.previous) {
      this.#supersede(rotation.previous);
      rotation.previous = undefined;
    }
  }

  async #dropDeletedPending(): Promise<void> {
    const { pending } = this.rotation;
    if (pending && !(await retrieveCredential(pending.id, this.#place, this.context)))
      this.rotation.pending = undefined;
  }

  async #create(): Promise<NonNullable<Rotation["pending"]>> {
    const created = await createExactlyOnce(this.#strategy(), this.context).catch((error: unknown) => {
      if (!(error instanceof PendingVerificationError)) throw error;
      this.rotation.lost = error.pending;
      throw new ResourceError(error.problem, { cause: error });
    });
    const { id, client_id: clientId, client_secret: clientSecret, created_at: createdAt } = created;
    return { number: this.rotation.count + 1, id, clientId, clientSecret, createdAt };
  }

  /** Returns how the next generation is created. It gets the name in the state first, by which a later update can find it. */
  #strategy() {
    const request = { ...this.#place, ...nextText(this.#inputs, this.rotation) };
    return credentialStrategy(request, this.context, (found, cause) => {
      this.#supersede({ id: found.id, clientId: found.client_id });
      const message = `${cause.message}\nThe response to the request that created the credential ${found.id} was lost, and the secret with it. The credential could not be revoked.`;
      return new ResourceError(message, { cause });
    });
  }

  async #verify(pending: Generation): Promise<void> {
    const { clientId, clientSecret = "" } = pending;
    if (await canSignIn({ clientId, clientSecret }, this.context)) return;
    throw new ResourceError(
      `Keycard refused the sign-in with the new credential ${pending.id} (client ID ${clientId}). The old credential stays the current one. If Keycard also refuses the new one in the next \`pulumi up\`, delete the new one at Keycard: the \`pulumi up\` after that creates another.`,
    );
  }

  /** Gives the credentials the new name and description. If it fails half-way, the state says so: they then have different names. */
  async #rename(): Promise<void> {
    const { name, description } = this.news;
    const isSame = this.#inputs.name === name && (this.#inputs.description || "") === (description || "");
    if (isSame && !this.rotation.isUneven) return;
    for (const one of [this.rotation.current, this.rotation.previous]) {
      if (one === undefined) continue;
      await this.#updateCredential(one, { name: generationName(name, one.number), description });
      this.rotation.isUneven = true;
    }
    this.rotation.isUneven = false;
    Object.assign(this.#inputs, { name, description });
  }

  async #updateCredential(one: Generation, text: Text): Promise<void> {
    try {
      const change = {
        ...placeParams(this.#place),
        ...updateParams(createParams(text), createParams(this.olds)),
      };
      await credentialsApi(this.context).update(one.id, change);
    } catch (error) {
      if (one === this.rotation.previous && isNotFound(error)) return; // Deleted by others: nothing to rename.
      if (isOutcomeUnknown(error)) this.rotation.isUneven = true;
      throw error;
    }
  }

  async #retirePrevious(): Promise<void> {
    const { previous } = this.rotation;
    if (!previous) return;
    const { kind, note } = await decideRetirement(this.rotation, this.news, await this.#now(), this.context);
    if (kind === "kept") this.#log(`keeps its previous client ID ${previous.clientId}: ${note}.`);
    if (kind !== "revoked") return;
    await revokeCredential(previous.id, this.#place, this.context);
    this.rotation.previous = undefined;
  }

  async #revokeSuperseded(): Promise<void> {
    for (const one of this.rotation.superseded) {
      if (isOwn(one, this.context)) {
        this.#log(`keeps its earlier client ID ${one.clientId}: ${SIGNS_IN}.`);
        continue;
      }
      await revokeCredential(one.id, this.#place, this.context);
      this.rotation.superseded = this.rotation.superseded.filter(({ id }) => id !== one.id);
    }
  }

  #supersede({ id, clientId }: { id: string; clientId: string }): void {
    this.rotation.superseded = [...this.rotation.superseded, { id, clientId }];
  }

  #log(text: string): void {
    this.context.logInfo(`The credential ${quoted(this.news.name)} ${text}`);
  }

  #incomplete(error: unknown): InitializationError {
    const message = `${(withAdvice(error) as Error).message}\nThe update is incomplete, and the state contains what it has done. Run \`pulumi up\` again: it continues from there.`;
    return new InitializationError(this.id, this.#state, message, { cause: error });
  }
}

const DELETE_UNUSED = "At Keycard, delete those that nobody uses. Then run `pulumi up` again.";
