import { keepSecrets, reveal } from "../values";
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
      this.apply(change, resource, { old }),
    );
  }

  /** Makes a new one; the old one is deleted at the end, when nothing depends on it any more. */
  async replace(resource: Resource, old: Resource): Promise<Resource> {
    const { journal } = this.operation;
    const made = await journal.step("create-replacement", { before: old, after: resource }, () =>
      this.make(resource, old),
    );
    return journal.step("replace", { before: old, after: made }, () => Promise.resolve(made));
  }

  private make(resource: Resource, replaced?: Resource): Promise<Resource> {
    const { urn, inputs } = resource;
    const create = async (provider: Provider): Promise<Live> =>
      this.operation.preview ? { id: "", outputs: inputs } : provider.create(urn, reveal(inputs));
    return this.apply(create, resource, replaced ? { replaced } : {});
  }

  /** Lets the provider do it, and takes what came of it into the state, of what only half failed too. */
  private async apply(
    work: (provider: Provider) => Promise<Live>,
    resource: Resource,
    { old, replaced }: { old?: Resource; replaced?: Resource },
  ): Promise<Resource> {
    let failure: InitError | undefined;
    const live = await work(await this.operation.provider(resource)).catch((error: unknown) => {
      if (!(error instanceof InitError)) throw error;
      failure = error;
      return error.live;
    });
    const modified = new Date().toISOString();
    const made = withSecretOutputs({
      ...resource,
      // What an update only half did shows up as a difference again in the next one.
      ...(failure && old && { inputs: old.inputs }),
      id: live.id,
      outputs: keepSecrets(live.outputs, resource.inputs),
      created: old?.created ?? modified,
      modified,
      initErrors: failure?.reasons ?? [],
    });
    if (replaced) this.operation.snapshot.condemn(replaced);
    await this.operation.snapshot.add(made, old);
    if (failure) throw failure;
    return made;
  }
}
