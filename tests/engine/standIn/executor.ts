import { keepSecrets, reveal } from "../values";
import { deleteFirst } from "./deletes";
import type { Operation } from "./operation";
import type { Live, Provider } from "./provider";
import { InitError } from "./provider";
import type { Resource } from "./state";
import { withSecretOutputs } from "./state";

/** Executes planned steps, and writes their results into the state. A preview calls only providers that support it. */
export class Executor {
  constructor(private readonly operation: Operation) {}

  create(resource: Resource): Promise<Resource> {
    return this.operation.journal.step("create", { after: resource }, () => this.createNew(resource));
  }

  /** Writes a resource into the state without calling its provider. */
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
    const { id = "", inputs, outputs } = old;
    const { urn, inputs: news } = resource;
    const change = async (provider: Provider): Promise<Live> => {
      if (preview && !provider.supportsPreview) return { id, outputs: news };
      const updated = provider.update(urn, id, reveal(inputs), reveal(outputs), reveal(news), preview);
      return { id, outputs: await updated };
    };
    return journal.step("update", { before: old, after: resource }, () =>
      this.apply(change, resource, { updated: old }),
    );
  }

  /** Creates the replacement; the old resource is deleted at the end of the update. */
  async replace(resource: Resource, old: Resource): Promise<Resource> {
    const { journal } = this.operation;
    const created = await journal.step("create-replacement", { before: old, after: resource }, () =>
      this.createNew(resource, { condemned: old }),
    );
    return journal.step("replace", { before: old, after: created }, () => Promise.resolve(created));
  }

  /** Creates the replacement after deleting the old resource, if it still exists, and its dependents. */
  async recreate(resource: Resource, old: Resource, first: readonly Resource[]): Promise<Resource> {
    const { journal, snapshot } = this.operation;
    for (const condemned of first) await deleteFirst(condemned, this.operation);
    const change = { before: old, after: resource };
    await journal.step("replace", change, () => Promise.resolve());
    return journal.step("create-replacement", change, () =>
      this.createNew(resource, { deleted: snapshot.old(resource.urn) }),
    );
  }

  /** Takes an existing object into the state; it must be as the program declares it. */
  import(resource: Resource, importId: string): Promise<Resource> {
    const { urn, inputs: news } = resource;
    const read = async (provider: Provider): Promise<Live> => {
      const live = await provider.read(urn, importId, {}, {});
      if (live.id === "") throw new Error(`resource '${importId}' does not exist`);
      const [inputs, outputs] = [reveal(live.inputs ?? {}), reveal(live.outputs)];
      const { changes } = await provider.diff(urn, live.id, inputs, outputs, reveal(news));
      if (changes) throw new Error("inputs to import do not match the existing resource");
      return live;
    };
    return this.operation.journal.step("import", { after: resource }, () => this.apply(read, resource, {}));
  }

  private createNew(resource: Resource, former: Former = {}): Promise<Resource> {
    const { urn, inputs } = resource;
    const { preview } = this.operation;
    const create = async (provider: Provider): Promise<Live> =>
      preview && !provider.supportsPreview
        ? { id: "", outputs: inputs }
        : provider.create(urn, reveal(inputs), preview);
    return this.apply(create, resource, former);
  }

  /** Calls the provider, and writes the result into the state, also after a failed initialization. */
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
      const created = finish(resource, live, former.updated, failure);
      if (former.condemned) snapshot.condemn(former.condemned);
      await snapshot.add(created, former.updated ?? former.deleted);
      if (failure) throw failure;
      return created;
    });
  }
}

/** The resource before the step. */
interface Former {
  updated?: Resource;
  /** Still exists, to be deleted at the end. */
  condemned?: Resource;
  /** Only in the state, to be replaced there. */
  deleted?: Resource | undefined;
}

function finish(resource: Resource, live: Live, old?: Resource, failure?: InitError): Resource {
  const modified = new Date().toISOString();
  return withSecretOutputs({
    ...resource,
    // The next update repeats an update whose initialization failed.
    ...(failure && old && { inputs: old.inputs }),
    id: live.id,
    outputs: keepSecrets(live.outputs, resource.inputs),
    created: old?.created ?? modified,
    modified,
    initErrors: failure?.reasons ?? [],
  });
}
