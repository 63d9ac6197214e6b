import type { Deployment, ResourceState } from "./types";
import { Secrets } from "./standIn/secrets";
import type { Properties } from "./values";
import { mapSecrets } from "./values";

/** A resource in a state, with decrypted secrets and without the engine's own fields. */
export interface StoredResource extends Pick<ResourceState, "urn" | "type" | "id"> {
  inputs: Properties;
  outputs: Properties;
}

/** Returns the resources of an exported state. */
export function decrypted({ deployment }: Deployment): StoredResource[] {
  const secrets = Secrets.open(String(deployment.secrets_providers?.state?.["salt"]));
  const stored = (deployment.resources ?? []).map(({ urn, type, id, inputs = {}, outputs = {} }) => {
    return { urn, type, ...(id === undefined ? {} : { id }), inputs, outputs };
  });
  return mapSecrets(stored, ({ ciphertext }) => JSON.parse(secrets.decrypt(String(ciphertext))) as unknown);
}
