import * as pulumi from "@pulumi/pulumi";

interface Inputs {
  path: string;
  content: string;
}

/** Writes a file that only its owner can read. Pulumi runs these functions in another process, so each loads what it needs. */
const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(inputs.path, inputs.content, { mode: 0o600 });
    return { id: inputs.path, outs: inputs };
  },
  async diff(_id, olds, news) {
    return { changes: olds.path !== news.path || olds.content !== news.content };
  },
  async update(_id, olds, news) {
    const { rmSync, writeFileSync } = await import("node:fs");
    if (olds.path !== news.path) rmSync(olds.path, { force: true });
    writeFileSync(news.path, news.content, { mode: 0o600 });
    return { outs: news };
  },
  async delete(_id, { path }) {
    const { rmSync } = await import("node:fs");
    rmSync(path, { force: true });
  },
};

/** A file with a secret content. */
export class SecretFile extends pulumi.dynamic.Resource {
  constructor(
    name: string,
    args: { path: pulumi.Input<string>; content: pulumi.Input<string> },
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(provider, name, args, opts);
  }
}
