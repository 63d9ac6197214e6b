/** Reads the output of `pulumi stack export`. Secrets stay encrypted, so that no passphrase is needed. */
import type { PendingVerification } from "../../create/pendingVerification";
import { parseJson } from "../../../sdk/internal";
import { ResourceError } from "../../errors";
import { resourceTypeOf } from "../../resources/resourceTypes";
import type { ResourceType } from "../../resources/resourceTypes";
import { generationName } from "../../rotation/state";
import { Ajv } from "../../thirdParty";

/** The value of a secret property: the state holds it encrypted, and it is not known here. */
export const ENCRYPTED = Symbol("encrypted");

/** A property's value in the state; `undefined` if it is absent or empty. */
export type StateValue = string | undefined | typeof ENCRYPTED;

/**
 * What Pulumi does next with a resource: keep it; only read it, because the program gets it by ID; delete it, because it was
 * replaced; or create its replacement, because it was deleted.
 */
type Lifecycle = "managed" | "read" | "pending deletion" | "pending replacement";

/** A Keycard resource in a state. */
export interface StateResource {
  readonly type: ResourceType;
  readonly urn: string;
  readonly logicalName: string;
  /** Keycard's ID, or a placeholder while verification is pending; absent during creation. */
  readonly id: string | undefined;
  readonly lifecycle: Lifecycle;
  readonly name: StateValue;
  readonly description: StateValue;
  readonly organizationId: StateValue;
  /** The account of a credential or of `ExclusiveCredentials`. */
  readonly serviceAccountId: StateValue;
  /** The input `adopt`. */
  readonly adopt: StateValue;
  /** The credentials that `ExclusiveCredentials` lists. */
  readonly credentialIds: readonly string[] | typeof ENCRYPTED;
  readonly pendingVerification: PendingVerification | undefined;
  /** Which of the credentials of a `RotatingCredential` this is; absent for other types. */
  readonly generation: GenerationRole | undefined;
}

/** The part of a credential in a `RotatingCredential`. */
export interface GenerationRole {
  readonly role: "current" | "previous" | "other";
  /** Its number, which is part of its name at Keycard. */
  readonly number: number;
  /** The number of the next credential. */
  readonly next: number;
  /** When the current one became current; RFC 3339, UTC. */
  readonly rotatedAt: string | undefined;
  /** When the previous one is due to be revoked; RFC 3339, UTC. */
  readonly retiresAt: string | undefined;
}

/** An operation that Pulumi had begun and not finished when it wrote the state. */
export interface PendingOperation {
  readonly operation: "creating" | "updating" | "deleting" | "reading" | "importing";
  readonly resource: StateResource;
}

/** The Keycard resources of one stack's state. */
export interface StackState {
  /** Where the state was read from, for messages: `state.json`, for example. */
  readonly source: string;
  /** The names of stack and project; absent if the state has no resource. */
  readonly stack: string | undefined;
  readonly project: string | undefined;
  readonly resources: readonly StateResource[];
  readonly pending: readonly PendingOperation[];
}

/**
 * Reads a state.
 *
 * @param text the output of `pulumi stack export`
 * @param source where it was read from, for messages
 * @throws {ResourceError} if it is not such an output
 */
export function readState(text: string, source: string): StackState {
  const { resources, pending_operations } = parseDeployment(text, source);
  const all = resources ?? [];
  const pending = (pending_operations ?? []).flatMap(({ type: operation, resource }) => {
    const ours = toStateResource(resource);
    return ours ? [{ operation, resource: ours }] : [];
  });
  // A URN begins with `urn:pulumi:<stack>::<project>::`.
  const { urn = "" } = all[0] ?? pending_operations?.[0]?.resource ?? {};
  const [stack, project] = urn.slice("urn:pulumi:".length).split("::");
  return {
    source,
    stack: stack || undefined,
    project,
    resources: all.flatMap((one) => {
      const resource = toStateResource(one);
      return resource?.type === "RotatingCredential"
        ? generationsOf(resource, one.outputs ?? {})
        : (resource ?? []);
    }),
    pending,
  };
}

type Properties = Record<string, unknown>;

interface Resource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Properties | null;
  outputs?: Properties | null;
  external?: boolean;
  delete?: boolean;
  pendingReplacement?: boolean;
}

interface Deployment {
  resources?: Resource[] | null;
  pending_operations?: { type: PendingOperation["operation"]; resource: Resource }[] | null;
}

/** Version 4 adds to version 3 only fields that are not read here. */
const VERSIONS = [3, 4];

const stringSchema = { type: "string" };
const propertiesSchema = { type: "object", nullable: true };
const booleanSchema = { type: "boolean" };
const resourceSchema = {
  type: "object",
  required: ["urn", "type"],
  properties: {
    urn: { type: "string", pattern: "^urn:pulumi:.+::.+::.+::" },
    type: stringSchema,
    id: stringSchema,
    inputs: propertiesSchema,
    outputs: propertiesSchema,
    external: booleanSchema,
    delete: booleanSchema,
    pendingReplacement: booleanSchema,
  },
};
const pendingSchema = {
  type: "object",
  required: ["type", "resource"],
  properties: {
    type: { enum: ["creating", "updating", "deleting", "reading", "importing"] },
    resource: resourceSchema,
  },
};
const isDeployment = new Ajv({ validateSchema: false }).compile<Deployment>({
  type: "object",
  properties: {
    resources: { type: "array", nullable: true, items: resourceSchema },
    pending_operations: { type: "array", nullable: true, items: pendingSchema },
  },
});

function parseDeployment(content: string, source: string): Deployment {
  // Some editors and shells write a byte-order mark.
  const parsed = parseJson(content.replace(/^\uFEFF/, ""));
  if (parsed === undefined) throw notAState(source, content.trim() === "" ? "it is empty" : "it is not JSON");
  const { version, deployment, checkpoint } = (parsed ?? {}) as Properties;
  if (checkpoint !== undefined) throw notAState(source, "it is Pulumi's internal checkpoint file");
  if (typeof version !== "number" || typeof deployment !== "object" || deployment === null)
    throw notAState(source, "it has no version or no deployment");
  if (!VERSIONS.includes(version))
    throw new ResourceError(
      `${source} has version ${version} of Pulumi's format. This command reads versions ${VERSIONS.join(" and ")}. ` +
        `Upgrade ${version > Math.max(...VERSIONS) ? "pulumi-keycard" : "the Pulumi CLI"}.`,
    );
  if (isDeployment(deployment)) return deployment;
  const [{ instancePath, message } = { instancePath: "", message: "" }] = isDeployment.errors ?? [];
  throw notAState(source, `/deployment${instancePath} ${message ?? "is invalid"}`);
}

function notAState(source: string, reason: string): ResourceError {
  return new ResourceError(
    `${source} is not the output of \`pulumi stack export\`: ${reason}. Create it with \`pulumi stack export --file state.json\`.`,
  );
}

/** Converts a resource of this package; other resources give `undefined`. Before its creation a resource has inputs only. */
function toStateResource(one: Resource): StateResource | undefined {
  const type = resourceTypeOf(one.type);
  if (type === undefined) return undefined;
  const inputs = one.inputs ?? {};
  const known = one.outputs ?? inputs;
  return {
    type,
    urn: one.urn,
    logicalName: one.urn.split("::").slice(3).join("::"),
    id: one.id || undefined,
    lifecycle: lifecycleOf(one),
    name: valueOf(known["name"]),
    description: valueOf(known["description"]),
    organizationId: valueOf(known["organizationId"]),
    serviceAccountId: valueOf(known["serviceAccountId"]),
    adopt: valueOf(inputs["adopt"]),
    credentialIds: listedIds(known),
    pendingVerification: pendingVerificationOf(known["pendingVerification"]),
    generation: undefined,
  };
}

/** Returns the credentials of a `RotatingCredential`, each as a resource with the ID of the credential. */
function generationsOf(one: StateResource, outputs: Properties): StateResource[] {
  const number = Number(outputs["generation"] ?? 0);
  const other = { role: "other", number, next: number + 1, rotatedAt: textOf(outputs["rotatedAt"]) } as const;
  const roleOf = (id: string): GenerationRole => {
    if (id === outputs["credentialId"]) return { ...other, role: "current", retiresAt: undefined };
    if (id !== outputs["previousCredentialId"]) return { ...other, retiresAt: undefined };
    const retiresAt = textOf(outputs["previousRetiresAt"]);
    return { ...other, role: "previous", number: Number(outputs["previousGeneration"]), retiresAt };
  };
  const ids = valuesOf(outputs["credentialIds"]);
  const credentials = (ids === ENCRYPTED ? [] : ids).map((id): StateResource => {
    return { ...one, id, pendingVerification: undefined, generation: roleOf(id) };
  });
  if (!one.pendingVerification) return credentials;
  const name: StateValue = typeof one.name === "string" ? generationName(one.name, number + 1) : one.name;
  const lost: StateResource = { ...one, id: undefined, name, generation: { ...other, retiresAt: undefined } };
  return [...credentials, lost];
}

function lifecycleOf({ external, delete: deleted, pendingReplacement }: Resource): Lifecycle {
  if (external) return "read";
  if (deleted) return "pending deletion";
  return pendingReplacement ? "pending replacement" : "managed";
}

function valueOf(value: unknown): StateValue {
  return isSecret(value) ? ENCRYPTED : textOf(value);
}

/** A refresh appends the unlisted credentials that it finds to `credentialIds`, and records them in `otherIds`. */
function listedIds({ credentialIds, otherIds }: Properties): readonly string[] | typeof ENCRYPTED {
  const all = valuesOf(credentialIds);
  const others = valuesOf(otherIds);
  return all === ENCRYPTED || others === ENCRYPTED ? ENCRYPTED : all.filter((id) => !others.includes(id));
}

function valuesOf(value: unknown): readonly string[] | typeof ENCRYPTED {
  const values = (Array.isArray(value) ? value : [value]).map(valueOf);
  return values.includes(ENCRYPTED) ? ENCRYPTED : values.filter((one) => typeof one === "string");
}

/** Within a secret the details are not readable, but their presence is enough. */
function pendingVerificationOf(value: unknown): PendingVerification | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { since, until, others } = value as Properties;
  const ids = valuesOf(others);
  return { since: textOf(since), until: textOf(until), others: ids === ENCRYPTED ? [] : ids };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The key and the value by which Pulumi marks a secret. */
const [SIGNATURE, SECRET] = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"];

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as Properties)[SIGNATURE] === SECRET;
}
