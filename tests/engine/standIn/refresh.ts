import { isDeepStrictEqual } from "node:util";
import type { Step } from "../types";
import { keepSecrets, reveal } from "../values";
import { allSettled, Operation } from "./operation";
import type { Live, Provider } from "./provider";
import type { Resource } from "./state";
import { withSecretOutputs } from "./state";

/** Reads all resources and writes the result into the state; the program does not run. */
export class Refresh extends Operation {
  protected async work(): Promise<void> {
    const reads = this.snapshot.base.map((resource) => this.refresh(resource));
    await allSettled(reads).finally(() => this.snapshot.prune());
  }

  private refresh(old: Resource): Promise<void> {
    return this.journal.step("refresh", { before: old }, async (step) => {
      const exists = old.custom && old.provider !== undefined && !old.pendingReplacement;
      step.op = exists ? await this.read(old, step) : "same";
    });
  }

  private async read(old: Resource, step: Step): Promise<string> {
    const provider = await this.provider(old);
    const live = await provider.read(old.urn, old.id ?? "", reveal(old.inputs), reveal(old.outputs));
    if (live.id === "") {
      await this.snapshot.remove(old);
      return "delete";
    }
    const found = merge(old, live);
    const changes = await isChanged(provider, old, found);
    if (changes) this.journal.explain(step, old.inputs, found.inputs);
    await this.snapshot.replace(old, found);
    return changes ? "update" : "same";
  }
}

/** Returns true if the refresh reports a change. */
async function isChanged(provider: Provider, old: Resource, found: Resource): Promise<boolean> {
  if (old.external) return !isDeepStrictEqual(found.outputs, old.outputs);
  // A diff in the other direction, from what was read to the state, shows what has changed.
  const { urn, id = "", inputs, outputs } = found;
  return (await provider.diff(urn, id, reveal(inputs), reveal(outputs), reveal(old.inputs))).changes;
}

function merge(old: Resource, { id, inputs, outputs }: Live): Resource {
  const found = withSecretOutputs({
    ...old,
    id,
    inputs: inputs ? keepSecrets(inputs, old.inputs) : old.inputs,
    outputs: keepSecrets(outputs, old.outputs),
    initErrors: [],
  });
  const isSame = isDeepStrictEqual([found.inputs, found.outputs], [old.inputs, old.outputs]);
  return { ...found, ...(!isSame && { modified: new Date().toISOString() }) };
}
