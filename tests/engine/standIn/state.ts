import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deployment, PendingOperation, ResourceState } from "../types";
import type { Properties, Secret } from "../values";
import { isSecret, mapSecrets, secret } from "../values";
import { Secrets } from "./secrets";

/** A resource with decrypted, but marked secrets. */
export interface Resource extends ResourceState {
  inputs: Properties;
  outputs: Properties;
}

/** A stack's state, in memory and in files as Pulumi's file back end keeps it, copies included. */
export class State {
  resources: Resource[] = [];
  pending: PendingOperation<Resource>[] = [];
  private opened: Secrets | undefined;
  // An unchanged secret keeps its ciphertext, which also makes it cheap to save after every step.
  private ciphertexts = new WeakMap<Secret, string>();
  private saved = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly stack: string,
    private readonly version: string,
  ) {}

  private get secrets(): Secrets {
    return (this.opened ??= Secrets.create());
  }

  export(): Deployment {
    const resources = this.resources.map((resource) => this.encrypt(resource));
    const pending = this.pending.map(({ resource, type }) => ({ resource: this.encrypt(resource), type }));
    return {
      version: 3,
      deployment: {
        manifest: {
          time: new Date().toISOString(),
          magic: createHash("sha256").update(this.version).digest("hex"),
          version: this.version,
        },
        secrets_providers: { type: "passphrase", state: { salt: this.secrets.salt } },
        ...(resources.length > 0 && { resources }),
        ...(pending.length > 0 && { pending_operations: pending }),
        metadata: {},
      },
    };
  }

  async import({ deployment }: Deployment): Promise<void> {
    const salt = deployment.secrets_providers?.state?.["salt"];
    if (typeof salt === "string") this.opened = Secrets.open(salt);
    this.ciphertexts = new WeakMap();
    this.resources = (deployment.resources ?? []).map((resource) => this.decrypt(resource));
    this.pending = (deployment.pending_operations ?? []).map(({ resource, type }) => ({
      resource: this.decrypt(resource),
      type,
    }));
    await this.save();
  }

  /** Writes the state, and keeps the previous one as `.bak`. Saves run in order; one that has not begun serves all that wait for it. */
  save(): Promise<void> {
    this.next ??= this.saved.then(() => {
      this.next = undefined;
      return this.write(JSON.stringify(this.export(), undefined, 4));
    });
    this.saved = this.next;
    return this.next;
  }

  /** Keeps copies of the state at the end of an operation, as Pulumi does. */
  async archive(): Promise<void> {
    await this.save();
    for (const kind of ["history", "backups"]) {
      await cp(
        this.file,
        join(this.folder, kind, this.stack, `${this.stack}-${process.hrtime.bigint()}.json`),
      );
    }
  }

  private get file() {
    return join(this.folder, "stacks", `${this.stack}.json`);
  }

  private async write(text: string) {
    await mkdir(join(this.folder, "stacks"), { recursive: true });
    if (existsSync(this.file)) await copyFile(this.file, `${this.file}.bak`);
    await writeFile(`${this.file}.new`, text);
    await rename(`${this.file}.new`, this.file);
  }

  private encrypt(resource: Resource): ResourceState {
    const stored = mapSecrets(resource, (found) => secret({ ciphertext: this.ciphertext(found) }));
    const isEmpty = (value: unknown) =>
      !value || (typeof value === "object" && Object.keys(value).length === 0);
    const kept = Object.entries(stored).filter(([key, value]) => key === "custom" || !isEmpty(value));
    return Object.fromEntries(kept) as ResourceState;
  }

  private ciphertext(found: Secret): string {
    const known = this.ciphertexts.get(found) ?? this.secrets.encrypt(JSON.stringify(found.value));
    this.ciphertexts.set(found, known);
    return known;
  }

  private decrypt(stored: ResourceState): Resource {
    const { inputs = {}, outputs = {}, ...rest } = stored;
    return mapSecrets({ ...rest, inputs, outputs }, ({ ciphertext = "" }) => {
      const found = secret({ value: JSON.parse(this.secrets.decrypt(ciphertext)) as unknown });
      this.ciphertexts.set(found, ciphertext);
      return found;
    });
  }
}

/** Marks the outputs in `additionalSecretOutputs` as secret. */
export function withSecretOutputs(resource: Resource): Resource {
  const names = resource.additionalSecretOutputs ?? [];
  const marked = Object.entries(resource.outputs).map(([key, value]): [string, unknown] => [
    key,
    names.includes(key) && !isSecret(value) ? secret({ value }) : value,
  ]);
  return { ...resource, outputs: Object.fromEntries(marked) };
}
