import { isDeepStrictEqual } from "node:util";
import type { Step } from "../types";
import { keepSecrets, reveal } from "../values";
import { allSettled, Operation } from "./operation";
import type { Live, Provider } from "./provider";
import type { Resource } from "./state";
import { withSecretOutputs } from "./state";

/** Reads everything and takes what is found into the state; the program does not run. */
export class Refresh extends Operation {
  protected async work(): Promise<void> {
    const reads = this.snapshot.base.map((resource) => this.refresh(resource));
    await allSettled(reads).finally(() => this.snapshot.prune());
  }

  private refresh(old: Resource): Promise<void> {
    return this.journal.step("refresh", { before: old }, async (step) => {
      const isThere = old.custom && old.provider !== undefined && !old.pendingReplacement;
      step.op = isThere ? await this.read(old, step) : "same";
    });
  }

  private async read(old: Resource, step: Step): Promise<string> {
    const provider = await this.provider(old);
    const live = await provider.read(old.urn, old.id ?? "", reveal(old.inputs), reveal(old.outputs));
    if (live.id === "") {
      await this.snapshot.remove(old);
      return "delete";
    }
    const found = takeOver(old, live);
    const changes = await isChanged(provider, old, found);
    if (changes) this.journal.explain(step, old.inputs, found.inputs);
    await this.snapshot.replace(old, found);
    return changes ? "update" : "same";
  }
}

/** Whether that is something to tell the user. */
async function isChanged(provider: Provider, old: Resource, found: Resource): Promise<boolean> {
  if (old.external) return !isDeepStrictEqual(found.outputs, old.outputs);
  // What would the next update do? The very same question, asked the other way round, tells what has changed.
  const { urn, id = "", inputs, outputs } = found;
  return (await provider.diff(urn, id, reveal(inputs), reveal(outputs), reveal(old.inputs))).changes;
}

function takeOver(old: Resource, { id, inputs, outputs }: Live): Resource {
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
