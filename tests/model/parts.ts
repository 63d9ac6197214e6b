/** The objects at Keycard of the resources in a state: a `RotatingCredential` has several. */
import type { StoredResource } from "../engine/decrypted";
import { isOurToken } from "../support/provider";
import { generationName } from "../../dist/provider/rotation/state";

/** An object of a resource. */
export interface Part {
  urn: string;
  id: string;
  /** The account of a credential. */
  accountId: string | undefined;
  /** What the program declares, as opposed to an earlier or an unfinished credential. */
  isCurrent: boolean;
  /** Of a credential. */
  signIn: { clientId: string; clientSecret: string } | undefined;
}

type Outputs = Record<string, string>;

export const isOurs = ({ type }: StoredResource): boolean => isOurToken(type);

const isRotating = ({ type }: StoredResource): boolean => type.endsWith(":RotatingCredential");

/** Returns the objects of all resources of this package. */
export function partsOf(state: readonly StoredResource[]): Part[] {
  return state.filter(isOurs).flatMap((resource) => {
    const { urn, id = "" } = resource;
    const outputs = resource.outputs as Outputs;
    const accountId = outputs["serviceAccountId"];
    const signIn = (clientId = "", clientSecret = "") => ({ clientId, clientSecret });
    if (!isRotating(resource)) {
      const { clientId, clientSecret } = outputs;
      const isCredential = accountId !== undefined;
      return [
        {
          urn,
          id,
          accountId,
          isCurrent: true,
          signIn: isCredential ? signIn(clientId, clientSecret) : undefined,
        },
      ];
    }
    const { credentialId, previousCredentialId } = outputs;
    return (resource.outputs["credentialIds"] as string[]).map((one): Part => {
      const isCurrent = one === credentialId;
      if (isCurrent)
        return {
          urn,
          id: one,
          accountId,
          isCurrent,
          signIn: signIn(outputs["clientId"], outputs["clientSecret"]),
        };
      const isPrevious = one === previousCredentialId;
      const previous = signIn(outputs["previousClientId"], outputs["previousClientSecret"]);
      return { urn, id: one, accountId, isCurrent, signIn: isPrevious ? previous : undefined };
    });
  });
}

/** Returns the name of the next credential of a `RotatingCredential`, by its resource in the state if there is one. */
export function nextName(name: string, resource: StoredResource | undefined): string {
  const { generation = 0 } = (resource?.outputs ?? {}) as { generation?: number };
  return generationName(name, generation + 1);
}

/** Removes the number that a `RotatingCredential` adds to a name. */
export function withoutNumber(name: string): string {
  return name.replace(/ \(\d+\)$/, "");
}
