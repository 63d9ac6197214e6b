/** Reads what `pulumi stack export` writes: what of a stack's state is ours. No secret is needed, none is looked at. */
import { Ajv } from "ajv";
import type { Unsettled } from "../../creation/unsettled";
import { ResourceError } from "../../errors";
import { RESOURCE_TYPES, TYPE_PREFIX } from "../../resourceTypes";
import type { ResourceType } from "../../resourceTypes";

/** The value of a property that the program made a secret: the state has it encrypted, and here it is not known. */
export const ENCRYPTED = Symbol("encrypted");

/** A property in the state; `undefined` where there is none. */
export type Stated = string | undefined | typeof ENCRYPTED;

/**
 * What is to become of a resource: it is there to stay; it is another's and was only read; it was replaced, and is still to be
 * deleted; it was deleted, and is still to be replaced.
 */
type Fate = "kept" | "read" | "to be deleted" | "to be replaced";

/** One of our resources, as a state has it. */
export interface StatedResource {
  readonly type: ResourceType;
  readonly urn: string;
  /** Its name in the program. */
  readonly logicalName: string;
  /** Keycard's ID, or one that stands for a create which could not be settled; nothing while it was being created. */
  readonly id: string | undefined;
  readonly fate: Fate;
  readonly name: Stated;
  readonly description: Stated;
  readonly organizationId: Stated;
  /** Of a credential: its account. */
  readonly serviceAccountId: Stated;
  /** What it was to take over when it would be created. */
  readonly adopt: Stated;
  /** Of `ExclusiveCredentials`: the only ones that the account is to have. */
  readonly credentialIds: readonly string[] | typeof ENCRYPTED;
  /** Only where it could not be found out whether Keycard has made it. */
  readonly unsettled: Unsettled | undefined;
}

/** What Pulumi was doing when the state was written: it ended without saying how. */
export interface PendingOperation {
  readonly doing: "creating" | "updating" | "deleting" | "reading" | "importing";
  readonly resource: StatedResource;
}

/** What of one stack's state is ours. */
export interface StackState {
  /** Where it was read, for messages: `state.json`, say. */
  readonly source: string;
  /** The stack's own name, and its project's; nothing where the state has no resource that would tell. */
  readonly stack: string | undefined;
  readonly project: string | undefined;
  readonly resources: readonly StatedResource[];
  readonly pending: readonly PendingOperation[];
}

/**
 * Reads a state.
 *
 * @param text what `pulumi stack export` wrote
 * @param source where it is from, for messages
 * @throws {ResourceError} where it is something else, saying what is wrong
 */
export function readState(text: string, source: string): StackState {
  const { resources, pending_operations } = parsed(text, source);
  const all = resources ?? [];
  const pending = (pending_operations ?? []).flatMap(({ type: doing, resource }) => {
    const ours = stated(resource);
    return ours ? [{ doing, resource: ours }] : [];
  });
  const [stack, project] = placeOf((all[0] ?? pending_operations?.[0]?.resource)?.urn);
  return { source, stack, project, resources: all.flatMap((one) => stated(one) ?? []), pending };
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
  pending_operations?: { type: PendingOperation["doing"]; resource: Resource }[] | null;
}

/** Of Pulumi's format, what we rely on. Version 4 differs from 3 in what else there can be. */
const VERSIONS = [3, 4];

const text = { type: "string" };
const properties = { type: "object", nullable: true };
const flag = { type: "boolean" };
const resource = {
  type: "object",
  required: ["urn", "type"],
  properties: {
    urn: { type: "string", pattern: "^urn:pulumi:.+::.+::.+::" },
    type: text,
    id: text,
    inputs: properties,
    outputs: properties,
    external: flag,
    delete: flag,
    pendingReplacement: flag,
  },
};
const pending = {
  type: "object",
  required: ["type", "resource"],
  properties: { type: { enum: ["creating", "updating", "deleting", "reading", "importing"] }, resource },
};
const isDeployment = new Ajv().compile<Deployment>({
  type: "object",
  properties: {
    resources: { type: "array", nullable: true, items: resource },
    pending_operations: { type: "array", nullable: true, items: pending },
  },
});

function parsed(content: string, source: string): Deployment {
  const told = fromJson(content, source);
  const { version, deployment, checkpoint } = (told ?? {}) as Properties;
  if (checkpoint !== undefined)
    throw notAState(source, "it is Pulumi's own file, which is not for others to read");
  if (typeof version !== "number" || typeof deployment !== "object" || deployment === null)
    throw notAState(source, "it has no version and no deployment");
  if (!VERSIONS.includes(version))
    throw notAState(source, `its version is ${version}, and known here are ${VERSIONS.join(" and ")}`);
  if (isDeployment(deployment)) return deployment;
  const [{ instancePath, message } = { instancePath: "", message: "" }] = isDeployment.errors ?? [];
  throw notAState(source, `/deployment${instancePath} ${message ?? "is wrong"}`);
}

function fromJson(content: string, source: string): unknown {
  try {
    // Some editors and shells put a mark before the text.
    return JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch {
    // The parser's own message would repeat a part of the text.
    throw notAState(source, content.trim() === "" ? "it is empty" : "it is not JSON");
  }
}

function notAState(source: string, reason: string): ResourceError {
  return new ResourceError(
    `${source} is not what \`pulumi stack export\` writes: ${reason}. Write it with \`pulumi stack export --file state.json\`.`,
  );
}

/** The stack and the project that an URN begins with: `urn:pulumi:<stack>::<project>::…`. */
function placeOf(urn: string | undefined): [string | undefined, string | undefined] {
  const [stack, project] = (urn ?? "").slice("urn:pulumi:".length).split("::");
  return [stack || undefined, project];
}

/** A resource, if it is one of ours. Before it is created it has inputs only. */
function stated(one: Resource): StatedResource | undefined {
  const type = one.type.startsWith(TYPE_PREFIX) ? one.type.slice(TYPE_PREFIX.length) : "";
  if (!isOurs(type)) return undefined;
  const inputs = one.inputs ?? {};
  const known = one.outputs ?? inputs;
  return {
    type,
    urn: one.urn,
    logicalName: one.urn.split("::").slice(3).join("::"),
    id: one.id || undefined,
    fate: fateOf(one),
    name: textOf(known["name"]),
    description: textOf(known["description"]),
    organizationId: textOf(known["organizationId"]),
    serviceAccountId: textOf(known["serviceAccountId"]),
    adopt: textOf(inputs["adopt"]),
    credentialIds: listedOf(known),
    unsettled: unsettledOf(known["unsettled"]),
  };
}

function isOurs(type: string): type is ResourceType {
  return (RESOURCE_TYPES as readonly string[]).includes(type);
}

function fateOf({ external, delete: deleted, pendingReplacement }: Resource): Fate {
  if (external) return "read";
  if (deleted) return "to be deleted";
  return pendingReplacement ? "to be replaced" : "kept";
}

function textOf(value: unknown): Stated {
  if (isSecret(value)) return ENCRYPTED;
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A refresh adds to those that a program listed the others that it found, and notes which these are. */
function listedOf({ credentialIds, otherIds }: Properties): readonly string[] | typeof ENCRYPTED {
  const all = textsOf(credentialIds);
  const others = textsOf(otherIds);
  return all === ENCRYPTED || others === ENCRYPTED ? ENCRYPTED : all.filter((id) => !others.includes(id));
}

function textsOf(value: unknown): readonly string[] | typeof ENCRYPTED {
  const texts = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
  if (texts.includes(ENCRYPTED)) return ENCRYPTED;
  return texts.filter((one) => typeof one === "string");
}

/** What the provider itself put there. Where it was in a secret, it is enough to know that it is there. */
function unsettledOf(value: unknown): Unsettled | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { since, until, others, together } = value as Record<keyof Unsettled, unknown>;
  const ids = textsOf(others);
  return {
    ...(typeof since === "string" ? { since } : {}),
    ...(typeof until === "string" ? { until } : {}),
    others: ids === ENCRYPTED ? [] : [...ids],
    together: typeof together === "number" ? together : 1,
  };
}

/** How Pulumi marks a secret, and nothing else. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Properties)[SIGNATURE] === "1b47061264138c4ac30d75fd1eb44270"
  );
}
