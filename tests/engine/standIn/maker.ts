import { keepSecrets, reveal } from "../values";
import { deleteFirst } from "./deletes";
import type { Operation } from "./operation";
import type { Live, Provider } from "./provider";
import { InitError } from "./provider";
import type { Resource } from "./state";
import { withSecretOutputs } from "./state";

/** Does what was planned, and takes it into the state. In a preview no provider makes or changes anything. */
export class Maker {
  constructor(private readonly operation: Operation) {}

  create(resource: Resource): Promise<Resource> {
    return this.operation.journal.step("create", { after: resource }, () => this.make(resource));
  }

  /** For what changes nothing outside the state. */
  keep(resource: Resource, old: Resource | undefined, op: "create" | "same" | "update"): Promise<Resource> {
    const now = new Date().toISOString();
    const { created = now, modified = now } = old ?? {};
    const kept: Resource = { ...resource, created, modified: op === "update" ? now : modified };
    return this.operation.journal.step(op, { before: old, after: kept }, async () => {
      await this.operation.snapshot.add(kept, old);
      return kept;
    });
  }

  update(resource: Resource, old: Resource): Promise<Resource> {
    const { journal, preview } = this.operation;
    const { urn, id = "", inputs, outputs } = old;
    const change = async (provider: Provider): Promise<Live> => {
      if (preview) return { id, outputs: resource.inputs };
      const made = provider.update(urn, id, reveal(inputs), reveal(outputs), reveal(resource.inputs));
      return { id, outputs: await made };
    };
    return journal.step("update", { before: old, after: resource }, () =>
      this.apply(change, resource, { updated: old }),
    );
  }

  /** Makes a new one; the old one is deleted at the end, when nothing depends on it any more. */
  async replace(resource: Resource, old: Resource): Promise<Resource> {
    const { journal } = this.operation;
    const made = await journal.step("create-replacement", { before: old, after: resource }, () =>
      this.make(resource, { condemned: old }),
    );
    return journal.step("replace", { before: old, after: made }, () => Promise.resolve(made));
  }

  /** Makes a new one after some were deleted: the old one, if it still was there, and those that cannot be without it. */
  async recreate(resource: Resource, old: Resource, first: readonly Resource[]): Promise<Resource> {
    const { journal, snapshot } = this.operation;
    for (const condemned of first) await deleteFirst(condemned, this.operation);
    const change = { before: old, after: resource };
    await journal.step("replace", change, () => Promise.resolve());
    return journal.step("create-replacement", change, () =>
      this.make(resource, { deleted: snapshot.old(resource.urn) }),
    );
  }

  private make(resource: Resource, former: Former = {}): Promise<Resource> {
    const { urn, inputs } = resource;
    const create = async (provider: Provider): Promise<Live> =>
      this.operation.preview ? { id: "", outputs: inputs } : provider.create(urn, reveal(inputs));
    return this.apply(create, resource, former);
  }

  /** Lets the provider do it, and takes what came of it into the state, of what only half failed too. */
  private async apply(
    work: (provider: Provider) => Promise<Live>,
    resource: Resource,
    former: Former,
  ): Promise<Resource> {
    const { snapshot } = this.operation;
    const provider = await this.operation.provider(resource);
    return snapshot.during(former.updated ? "updating" : "creating", resource, async () => {
      let failure: InitError | undefined;
      const live = await work(provider).catch((error: unknown) => {
        if (!(error instanceof InitError)) throw error;
        failure = error;
        return error.live;
      });
      const made = finish(resource, live, former.updated, failure);
      if (former.condemned) snapshot.condemn(former.condemned);
      await snapshot.add(made, former.updated ?? former.deleted);
      if (failure) throw failure;
      return made;
    });
  }
}

/** What was there before, and what becomes of it. */
interface Former {
  updated?: Resource;
  /** It is there still, to be deleted later. */
  condemned?: Resource;
  /** It is only in the state, to be replaced there. */
  deleted?: Resource | undefined;
}

function finish(resource: Resource, live: Live, old?: Resource, failure?: InitError): Resource {
  const modified = new Date().toISOString();
  return withSecretOutputs({
    ...resource,
    // What an update only half did shows up as a difference again in the next one.
    ...(failure && old && { inputs: old.inputs }),
    id: live.id,
    outputs: keepSecrets(live.outputs, resource.inputs),
    created: old?.created ?? modified,
    modified,
    initErrors: failure?.reasons ?? [],
  });
}
